-- The new blog: users, posts and likes. `source` and `sync_clock` are what Tandem asks of each table.
-- The collation is binary: what the other side holds as two values are two values here.

CREATE TABLE IF NOT EXISTS revamp_users (
  id             BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_name      VARCHAR(100) NOT NULL,
  email_address  VARCHAR(255) NOT NULL,
  display_name   VARCHAR(255),
  mobile         VARCHAR(32),
  account_status ENUM ('ACTIVE', 'DISABLED', 'SUSPENDED') NOT NULL DEFAULT 'ACTIVE',
  -- Stays on this side: not in the column map.
  last_seen_at   TIMESTAMP(6) NULL,
  created_at     TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at     TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  source         VARCHAR(20) NOT NULL DEFAULT 'revamp',
  sync_clock     BIGINT NOT NULL DEFAULT 0,
  CONSTRAINT revamp_users_user_name_key UNIQUE (user_name),
  CONSTRAINT revamp_users_email_address_key UNIQUE (email_address)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS revamp_posts (
  id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  author_id  BIGINT NOT NULL,
  title      VARCHAR(255) NOT NULL,
  content    LONGTEXT,
  created_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  source     VARCHAR(20) NOT NULL DEFAULT 'revamp',
  sync_clock BIGINT NOT NULL DEFAULT 0,
  KEY revamp_posts_author_id_idx (author_id),
  CONSTRAINT revamp_posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES revamp_users (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;

CREATE TABLE IF NOT EXISTS revamp_likes (
  id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  liker_id   BIGINT NOT NULL,
  article_id BIGINT NOT NULL,
  created_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  source     VARCHAR(20) NOT NULL DEFAULT 'revamp',
  sync_clock BIGINT NOT NULL DEFAULT 0,
  -- Also the index of the foreign key liker_id.
  CONSTRAINT revamp_likes_liker_id_article_id_key UNIQUE (liker_id, article_id),
  KEY revamp_likes_article_id_idx (article_id),
  CONSTRAINT revamp_likes_liker_id_fkey FOREIGN KEY (liker_id) REFERENCES revamp_users (id) ON DELETE CASCADE,
  CONSTRAINT revamp_likes_article_id_fkey FOREIGN KEY (article_id) REFERENCES revamp_posts (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
