// A graphql-yoga server that resolves the small query from memory, in a separate process, as the baseline
// cost of GraphQL over HTTP.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSchema, createYoga } from 'graphql-yoga'

const yoga = createYoga({
  schema: createSchema({
    typeDefs: `
      type Query { virtualMachine(by: VirtualMachineBy!): VirtualMachine }
      input VirtualMachineBy { id: ID }
      type VirtualMachine { name: String!, powerState: PowerState }
      enum PowerState { POWERED_OFF POWERED_ON SUSPENDED }
    `,
    resolvers: { Query: { virtualMachine: () => ({ name: 'web-01', powerState: 'POWERED_ON' }) } },
  }),
  graphiql: false,
  landingPage: false,
  logging: false,
  cors: false,
})

const server = createServer((request, response) => void yoga(request, response))
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`http://127.0.0.1:${port}/graphql\n`)
})
