"""Products: ``Product`` by two keys, the best sellers, and a search over products and brands.

Root fields are nullable: a client that asks several subgraphs keeps the answers of the others when this one fails.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Self

import strawberry

from subgraphs.errors import InputError, check_first
from subgraphs.products import rest
from subgraphs.products.store import (
    BrandLoader,
    ProductLoader,
    SkuLoader,
    search_brands,
    search_products,
    select_best_sellers,
)
from subgraphs.server import Example, ExampleSchema

Representation = Mapping[str, str]


@dataclass(slots=True)
class Context:
    """What resolvers need of one request; the data loaders live as long as it does."""

    connection: sqlite3.Connection
    products: ProductLoader = field(init=False)
    skus: SkuLoader = field(init=False)
    brands: BrandLoader = field(init=False)

    def __post_init__(self) -> None:
        self.products = ProductLoader(self.connection)
        self.skus = SkuLoader(self.connection)
        self.brands = BrandLoader(self.connection)


Info = strawberry.Info[Context, None]


@strawberry.type(description="Who makes a product.")
class Brand:
    """A row of the table ``brands``."""

    id: strawberry.ID
    name: str

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> Self:
        """The brand in a row with all columns."""
        return cls(id=row["id"], name=row["name"])


@strawberry.type(description="The size of the parcel, in millimetres.")
class Dimensions:
    """Three columns of a product."""

    length: int
    width: int
    height: int


@strawberry.federation.type(keys=["upc", "sku brand { id }"], description="Something that is sold.")
class Product:
    """A row of the table ``products``."""

    upc: strawberry.ID
    sku: str
    name: str
    price: int = strawberry.field(description="In cents.")
    weight: int = strawberry.field(description="In grams.")
    dimensions: Dimensions
    brand_id: strawberry.Private[str]

    @strawberry.field
    async def brand(self, info: Info) -> Brand:
        """The brand, from the other table."""
        return Brand.from_row(await info.context.brands.load(self.brand_id))

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> Self:
        """The product in a row with all columns."""
        return cls(
            upc=row["upc"],
            sku=row["sku"],
            name=row["name"],
            price=row["price"],
            weight=row["weight"],
            dimensions=Dimensions(length=row["length"], width=row["width"], height=row["height"]),
            brand_id=row["brand_id"],
        )

    @classmethod
    async def resolve_reference(
        cls,
        info: Info,
        upc: str | None = None,
        sku: str | None = None,
        brand: Representation | None = None,
    ) -> Self | None:
        """The product that another subgraph refers to by either key."""
        if upc is not None:
            row = await info.context.products.load(upc)
        elif sku is not None and brand is not None:
            row = await info.context.skus.load((sku, brand["id"]))
        else:
            raise InputError("a product is known by upc, or by sku and brand { id }")
        return None if row is None else cls.from_row(row)


SearchResult = Annotated[Product | Brand, strawberry.union("SearchResult", description="What a search can find.")]


@strawberry.type
class Query:
    """Root fields of this subgraph."""

    @strawberry.field(description="The products that sell best.")
    def top_products(self, info: Info, first: int = 5) -> list[Product] | None:
        """Best sellers, the best one first."""
        check_first(first)
        return [Product.from_row(row) for row in select_best_sellers(info.context.connection, first)]

    @strawberry.field(description="One product; null if there is none with this UPC.")
    async def product(self, info: Info, upc: strawberry.ID) -> Product | None:
        """A product by UPC."""
        row = await info.context.products.load(upc)
        return None if row is None else Product.from_row(row)

    @strawberry.field(description="Products and brands whose name contains the text.")
    def search(self, info: Info, text: str, first: int = 10) -> list[SearchResult] | None:
        """Products first, then brands, ``first`` altogether."""
        check_first(first)
        if not text.strip():
            raise InputError("text must not be empty")
        connection = info.context.connection
        found: list[Product | Brand] = [
            *(Product.from_row(row) for row in search_products(connection, text.strip(), first)),
            *(Brand.from_row(row) for row in search_brands(connection, text.strip(), first)),
        ]
        return found[:first]


@dataclass(frozen=True, slots=True)
class ContextMaker:
    """Makes a context for each request, so that data loaders never outlive one."""

    connection: sqlite3.Connection

    def __call__(self, headers: Mapping[str, str]) -> Context:  # noqa: ARG002 - products look the same to everyone
        """The context of a request."""
        return Context(self.connection)


EXAMPLE = Example(name="products", port=4103, schema=ExampleSchema(query=Query), start=ContextMaker, routes=rest.routes)
