DROP TABLE IF EXISTS users;

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  plan TEXT NOT NULL CHECK (plan IN ('free', 'starter', 'pro', 'enterprise'))
);

INSERT INTO users (id, username, name, email, plan) VALUES
  ('u1', 'ada', 'Ada Lovelace', 'ada@example.com', 'pro'),
  ('u2', 'alan', 'Alan Turing', 'alan@example.com', 'free'),
  ('u3', 'grace', 'Grace Hopper', 'grace@example.com', 'enterprise'),
  ('u4', 'edsger', 'Edsger Dijkstra', 'edsger@example.com', 'starter'),
  ('u5', 'barbara', 'Barbara Liskov', 'barbara@example.com', 'pro'),
  ('u6', 'donald', 'Donald Knuth', 'donald@example.com', 'free');
