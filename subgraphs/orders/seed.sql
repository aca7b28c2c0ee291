DROP TABLE IF EXISTS order_lines;
DROP TABLE IF EXISTS orders;

CREATE TABLE orders (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'paid', 'shipped', 'delivered', 'cancelled')),
  created_at TEXT NOT NULL
);

CREATE INDEX orders_by_user ON orders (user_id);

CREATE TABLE order_lines (
  order_id TEXT NOT NULL REFERENCES orders (id),
  upc TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, upc)
);

CREATE INDEX order_lines_by_product ON order_lines (upc);

INSERT INTO orders (id, user_id, status, created_at) VALUES
  ('o1', 'u1', 'delivered', '2025-01-14T09:30:00+00:00'),
  ('o2', 'u1', 'shipped', '2025-02-03T16:05:00+00:00'),
  ('o3', 'u1', 'pending', '2025-02-20T11:45:00+00:00'),
  ('o4', 'u2', 'paid', '2025-02-11T08:15:00+00:00'),
  ('o5', 'u3', 'delivered', '2024-12-01T19:00:00+00:00'),
  ('o6', 'u3', 'cancelled', '2025-01-22T13:20:00+00:00'),
  ('o7', 'u5', 'paid', '2025-02-18T10:10:00+00:00');

INSERT INTO order_lines (order_id, upc, quantity) VALUES
  ('o1', 'p1', 1),
  ('o1', 'p2', 4),
  ('o2', 'p4', 1),
  ('o2', 'p5', 6),
  ('o3', 'p7', 1),
  ('o3', 'p8', 2),
  ('o4', 'p6', 3),
  ('o5', 'p3', 2),
  ('o5', 'p4', 1),
  ('o6', 'p1', 1),
  ('o7', 'p2', 2),
  ('o7', 'p6', 1);
