// Sends a mutation to a gateway, and reads its effects from the simulator.

import type { Snapshot } from '../../../src/simulator/virtual-machine/machine.ts'
import type { TestGateway } from '../../test-gateway.ts'

/**
 * Sends one mutation; the type of its input follows from the field name. Returns the payload, and each
 * error as path, message and extensions.
 */
export async function mutate(
  { execute }: TestGateway,
  field: string,
  input: Record<string, unknown>,
  selection = 'task { id moid operation state error { code } }',
) {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`
  const { data, errors = [] } = await execute(
    `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} } }`,
    { input },
  )
  const reported: Record<string, unknown>[] = errors.map(({ path, message, extensions }) => ({
    path: path?.join('.') ?? '',
    message,
    ...extensions,
  }))
  return { payload: data?.[field], reported }
}

/** The snapshot tree of a virtual machine in the simulator, as names: `['base', ['child']]`. */
export type Names = readonly (string | Names)[]

export function treeOf({ simulator }: TestGateway, name: string): Names {
  const names = (snapshots: readonly Snapshot[]): Names =>
    snapshots.flatMap(({ name, children }) => (children.length > 0 ? [name, names(children)] : [name]))
  return names(simulator.inventory.machine(name).rootSnapshots)
}

/** How often a method was called. */
export const countOf = ({ simulator }: TestGateway, method: string): number =>
  simulator.calls.filter((call) => call.method === method).length

/** The ids of a virtual machine's snapshots by path, and the id of the machine itself. */
export async function idsOf({ execute }: TestGateway, name: string) {
  const { data } = await execute(
    'query ($name: String!) { virtualMachine(by: { name: $name }) { id snapshots { id path } } }',
    { name },
  )
  const snapshots = data.virtualMachine.snapshots as { id: string; path: string }[]
  return {
    vm: data.virtualMachine.id as string,
    snapshots: Object.fromEntries(snapshots.map(({ id, path }) => [path, id])) as Record<string, string>,
  }
}

/** Triggers an alarm on a virtual machine, and returns its id. */
export async function triggeredAlarmId({ simulator, execute }: TestGateway, name: string): Promise<string> {
  simulator.alarms.trigger('Virtual machine memory usage', simulator.inventory.machine(name).ref)
  const { data } = await execute(
    'query ($name: String!) { virtualMachine(by: { name: $name }) { triggeredAlarms { id } } }',
    { name },
  )
  return data.virtualMachine.triggeredAlarms[0].id
}
