// Helpers of the tests of filters: the names of the objects that a filter selects, the errors that it causes, and its calls.

import type { GraphQLFormattedError } from 'graphql'
import type { TestGateway } from '../../../test-gateway.ts'
import { execute } from '../../call-budget.ts'

interface Selected {
  /** The names of the virtual machines, sorted. */
  readonly names: readonly string[]
  readonly undecidedCount: number
}

const machinesQuery = `query ($filter: VirtualMachineFilter) {
  virtualMachines(filter: $filter, first: 1000) { totalCount coverage { undecidedCount } nodes { name } }
}`

/** Returns the virtual machines that a filter selects. */
export async function select(gateway: TestGateway, filter: unknown): Promise<Selected> {
  const { data, errors } = await gateway.execute(machinesQuery, { filter })
  if (errors) throw new Error(errors.map(({ message }) => message).join('; '))
  const { nodes, totalCount, coverage } = data.virtualMachines
  const names = (nodes as { name: string }[]).map(({ name }) => name).sort()
  if (totalCount !== names.length) throw new Error(`totalCount is ${totalCount} of ${names.length} objects`)
  return { names, undecidedCount: coverage[0].undecidedCount }
}

/** Returns the names of the virtual machines that a filter selects. */
export const namesOf = async (gateway: TestGateway, filter: unknown): Promise<readonly string[]> =>
  (await select(gateway, filter)).names

/** Executes an operation that must fail, and returns its only error. */
export async function errorOf(
  gateway: TestGateway,
  query: string,
  variables?: Record<string, unknown>,
): Promise<GraphQLFormattedError> {
  const { errors = [] } = await gateway.execute(query, variables)
  if (errors.length !== 1)
    throw new Error(`${errors.length} errors instead of one: ${JSON.stringify(errors)}`)
  return errors[0] as unknown as GraphQLFormattedError
}

/** Returns the error of a filter of virtual machines. */
export const filterError = (gateway: TestGateway, filter: unknown): Promise<GraphQLFormattedError> =>
  errorOf(gateway, machinesQuery, { filter })

/** Returns the description of the calls of an operation, which must succeed. */
export async function callsOf(gateway: TestGateway, query: string): Promise<string> {
  const { errors, requested } = await execute(gateway, query)
  if (errors) throw new Error(errors.map(({ message }) => message).join('; '))
  return requested.join('\n')
}

/** Counts the retrievals in a description of calls. */
export const retrievalsIn = (calls: string): number => calls.match(/^RetrievePropertiesEx$/gm)?.length ?? 0
