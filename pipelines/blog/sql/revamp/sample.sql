-- Nothing: the sample rows are written on legacy, and come here through Tandem.
DO 0;
