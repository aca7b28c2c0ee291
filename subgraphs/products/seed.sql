DROP TABLE IF EXISTS products;
DROP TABLE IF EXISTS brands;

CREATE TABLE brands (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL
);

CREATE TABLE products (
  upc TEXT PRIMARY KEY,
  sku TEXT NOT NULL,
  brand_id TEXT NOT NULL REFERENCES brands (id),
  name TEXT NOT NULL,
  price INTEGER NOT NULL,   -- in cents
  weight INTEGER NOT NULL,  -- in grams
  length INTEGER NOT NULL,  -- these three in millimetres
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  sold INTEGER NOT NULL,
  UNIQUE (sku, brand_id)
);

INSERT INTO brands (id, name) VALUES
  ('b1', 'Northwind Woodworks'),
  ('b2', 'Lumen'),
  ('b3', 'Paper & Ink');

INSERT INTO products (upc, sku, brand_id, name, price, weight, length, width, height, sold) VALUES
  ('p1', 'TABLE-1', 'b1', 'Oak table', 89900, 41000, 1800, 900, 740, 120),
  ('p2', 'CHAIR-1', 'b1', 'Oak chair', 14900, 6200, 450, 480, 880, 640),
  ('p3', 'SHELF-3', 'b1', 'Wall shelf', 5900, 3100, 800, 240, 30, 310),
  ('p4', 'LAMP-7', 'b2', 'Desk lamp', 7900, 1800, 180, 180, 460, 480),
  ('p5', 'BULB-9', 'b2', 'Warm bulb', 900, 80, 60, 60, 110, 2150),
  ('p6', 'NOTE-A5', 'b3', 'Notebook A5', 1200, 260, 210, 148, 15, 1730),
  ('p7', 'PEN-1', 'b3', 'Fountain pen', 4500, 32, 140, 12, 12, 520),
  ('p8', 'INK-1', 'b3', 'Blue-black ink', 1600, 190, 60, 60, 70, 410);
