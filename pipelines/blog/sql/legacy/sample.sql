-- A few rows, written as the app writes them. Does nothing where there are users already.
DO $$
BEGIN
  IF EXISTS (SELECT FROM legacy_users) THEN
    RETURN;
  END IF;

  INSERT INTO legacy_users (username, email, full_name, phone_number, status) VALUES
    ('ada', 'ada@example.com', 'Ada Lovelace', '+44 20 7946 0001', 'active'),
    ('grace', 'grace@example.com', 'Grace Hopper', '+1 202 555 0102', 'active'),
    ('alan', 'alan@example.com', 'Alan Turing', '+44 20 7946 0003', 'active'),
    ('barbara', 'barbara@example.com', 'Barbara Liskov', NULL, 'active'),
    ('edsger', 'edsger@example.com', 'Edsger Dijkstra', '+31 20 555 0105', 'inactive'),
    ('radia', 'radia@example.com', 'Radia Perlman', '+1 617 555 0106', 'active'),
    ('leslie', 'leslie@example.com', 'Leslie Lamport', NULL, 'active'),
    ('frances', 'frances@example.com', 'Frances Allen', '+1 914 555 0108', 'active'),
    ('donald', 'donald@example.com', 'Donald Knuth', NULL, 'active'),
    ('troll', 'troll@example.com', NULL, NULL, 'banned');

  INSERT INTO legacy_posts (user_id, post_title, post_content)
  SELECT u.id, p.title, p.content
  FROM (VALUES
    ('ada', 'Note G', 'An algorithm for the Bernoulli numbers.'),
    ('ada', 'On weaving patterns', 'The engine weaves algebra as the loom weaves flowers and leaves.'),
    ('grace', 'The first bug', 'A moth, taped into the log book.'),
    ('grace', 'A nanosecond', 'Eleven and eight tenths inches of wire.'),
    ('alan', 'Can machines think?', 'Let us replace the question by another.'),
    ('alan', 'On computable numbers', NULL),
    ('barbara', 'What a subtype may do', 'Whatever its supertype promised.'),
    ('barbara', 'Viewstamped replication', 'Primaries, backups and views.'),
    ('edsger', 'Go to considered harmful', 'A case against a statement.'),
    ('radia', 'A tree of bridges', 'I think that I shall never see a graph more lovely than a tree.'),
    ('leslie', 'Time and clocks', 'What happened before what.'),
    ('leslie', 'The part-time parliament', 'On the island of Paxos.'),
    ('frances', 'Control flow analysis', 'Intervals, dominators and loops.'),
    ('donald', 'Literate programs', 'Programs as literature.'),
    ('donald', 'A cheque for $2.56', 'One hexadecimal dollar. 🧾')
  ) AS p (author, title, content)
  JOIN legacy_users AS u ON u.username = p.author;

  INSERT INTO legacy_likes (user_id, post_id)
  SELECT u.id, p.id
  FROM (VALUES
    ('grace', 'Note G'),
    ('alan', 'Note G'),
    ('donald', 'Note G'),
    ('barbara', 'Note G'),
    ('ada', 'The first bug'),
    ('alan', 'The first bug'),
    ('edsger', 'The first bug'),
    ('donald', 'A nanosecond'),
    ('radia', 'A nanosecond'),
    ('grace', 'Can machines think?'),
    ('ada', 'Can machines think?'),
    ('leslie', 'Viewstamped replication'),
    ('barbara', 'The part-time parliament'),
    ('donald', 'Go to considered harmful'),
    ('barbara', 'Go to considered harmful'),
    ('leslie', 'A tree of bridges'),
    ('frances', 'A tree of bridges'),
    ('barbara', 'Time and clocks'),
    ('edsger', 'Literate programs'),
    ('frances', 'A cheque for $2.56')
  ) AS l (liker, title)
  JOIN legacy_users AS u ON u.username = l.liker
  JOIN legacy_posts AS p ON p.post_title = l.title;
END $$;
