// Hive Gateway, passing on the header x-caller; planner and executor are chosen on the command line.
import { defineConfig } from "@graphql-hive/gateway";

export const gatewayConfig = defineConfig({
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => {
      const caller = request.headers.get("x-caller");
      return caller ? { "x-caller": caller } : {};
    },
  },
});
