// Finds the virtual machines of a power mutation and reads their states, before anything is sent. A machine that cannot be found or
// is not in the required state gets an error of its own.

import { ancestors } from '../../../planner/ancestors.ts'
import { type ManagedObject, readOr } from '../../../planner/managed-object.ts'
import { PlanNode } from '../../../planner/plan-node.ts'
import type { Context } from '../../context.ts'
import type { LookupInput } from '../../core/lookup.ts'
import { displayName } from '../../core/names.ts'
import { ApiError, badInput, notFoundError } from '../../errors/api-error.ts'
import { classifyError } from '../../errors/classify-error.ts'
import { powerStateName } from '../../tasks/effect-checks.ts'
import type { RequestVCenter } from '../../vcenters.ts'
import { virtualMachines } from '../../virtual-machine/virtual-machine-connection.ts'
import { virtualMachineNotFoundError } from '../targets.ts'
import { MachineChange, questionError } from './machine-change.ts'
import type { PowerAction, VimPowerState } from './power-action.ts'

export const maxMachines = 100

/**
 * Creates the changes of a mutation in the order of its input. Those that need no call, or must not be sent, are already decided.
 * @throws ApiError BAD_USER_INPUT; any error of a login, before which no id can be decoded
 */
export async function prepareChanges(
  machines: readonly LookupInput[],
  action: PowerAction,
  ifPowerState: VimPowerState | undefined,
  context: Context,
): Promise<readonly MachineChange[]> {
  if (machines.length === 0 || machines.length > maxMachines)
    throw badInput(
      `virtualMachines has ${machines.length} entries, but must have 1 to ${maxMachines}`,
      machines.length === 0
        ? 'Name at least one virtual machine.'
        : `Send several operations of up to ${maxMachines} each.`,
    )
  assertDistinct(machines.map((by, index) => ({ index, by, machine: keyOf(by) })))
  const changes = machines.map((by) => new MachineChange(by, action))
  await context.vcenters.ensureLogins()
  await Promise.all(changes.map((change) => find(change, context)))
  const found = changes.flatMap((each) => each.found ?? [])
  assertDistinct(
    changes.flatMap(({ by, found: object }, index) =>
      object ? { index, by, machine: `${object.vcenter.name} ${object.ref.value}` } : [],
    ),
  )
  await Promise.all(
    [...new Set(found.map(({ vcenter }) => vcenter))].map((vcenter) =>
      readStates(
        changes.filter((each) => each.found?.vcenter === vcenter),
        vcenter,
        ifPowerState,
      ),
    ),
  )
  return changes
}

/** An entry of the input: its position, its key, and which machine it names. */
interface Entry {
  readonly index: number
  readonly by: LookupInput
  readonly machine: string
}

function assertDistinct(entries: readonly Entry[]): void {
  const first = new Map<string, Entry>()
  for (const entry of entries) {
    const other = first.get(entry.machine)
    if (other)
      throw badInput(
        `virtualMachines contains a virtual machine twice: entry ${other.index + 1}, ${keyOf(other.by)}, and entry ${entry.index + 1}, ${keyOf(entry.by)}`,
        'Remove one of the two.',
      )
    first.set(entry.machine, entry)
  }
}

/** Returns the key of a lookup as clients write it: `{"name":"web-01"}`. */
const keyOf = (by: LookupInput): string =>
  JSON.stringify(Object.fromEntries(Object.entries(by).filter(([, value]) => value != null)))

async function find(change: MachineChange, context: Context): Promise<void> {
  const { by } = change
  try {
    change.found = await virtualMachines.lookup.find(by, context)
    if (!change.found) change.skip(virtualMachineNotFoundError(by))
  } catch (error) {
    change.skip(asResultError(error))
  }
}

/** Returns an error that concerns one machine only. @throws the error itself if it makes the whole mutation fail */
function asResultError(error: unknown): Error {
  const { code } = classifyError(error)
  if (code === 'BAD_USER_INPUT' || code === 'INTERNAL_SERVER_ERROR') throw error
  return error as Error
}

async function readStates(
  changes: readonly MachineChange[],
  vcenter: RequestVCenter,
  ifPowerState: VimPowerState | undefined,
): Promise<void> {
  const needsDatacenters =
    changes[0]?.action.name === 'POWER_ON' && vcenter.session.lastLogin?.content.about.apiType !== 'HostAgent'
  const node = new PlanNode(
    'VirtualMachine',
    'name',
    'runtime.powerState',
    'runtime.question.text',
    'config.template',
  )
  if (needsDatacenters) node.follow(ancestors)
  const refs = changes.flatMap(({ found }) => found?.ref ?? [])
  try {
    // Not the request's own reader: an earlier mutation of the operation may have changed what it has cached.
    const objects = await vcenter.freshReader().objects(refs, node)
    for (const [index, change] of changes.entries()) {
      const machine = objects[index]
      decide(change, machine, ifPowerState)
      // Without a datacenter that may be read, the machine gets a call of its own.
      if (machine && needsDatacenters) change.datacenter = readOr(() => ancestors.follow(machine), [])[0]?.ref
    }
  } catch (error) {
    const failure = asResultError(error)
    for (const change of changes) change.skip(failure)
  }
}

function decide(
  change: MachineChange,
  machine: ManagedObject<'VirtualMachine'> | undefined,
  ifPowerState: VimPowerState | undefined,
): void {
  if (!machine) {
    change.skip(notFoundError(`VirtualMachine ${change.moid}`))
    change.found = undefined
    return
  }
  change.name = displayName(machine)
  try {
    const state = machine.read('runtime.powerState')
    const blocker = blockerOf(change, machine, state, ifPowerState)
    if (blocker || state === change.action.wanted) change.skip(blocker)
  } catch (error) {
    change.skip(asResultError(error))
  }
}

/** Returns why nothing may be sent to the machine; undefined if nothing rules it out. */
function blockerOf(
  change: MachineChange,
  machine: ManagedObject<'VirtualMachine'>,
  state: string | undefined,
  ifPowerState: VimPowerState | undefined,
): ApiError | undefined {
  const { action, label } = change
  const stateError = (problem: string, remedy: string): ApiError =>
    new ApiError('CONFLICT', `${label} is ${powerStateName(state)}, but ${problem}`, { state, remedy })
  if (ifPowerState && state !== ifPowerState)
    return stateError(
      `ifPowerState is ${powerStateName(ifPowerState)}`,
      state === action.wanted
        ? `Nothing was sent. It already has the state that ${action.name} leads to: there is nothing to do.`
        : 'Nothing was sent. Check what has changed its power state, then decide again.',
    )
  if (state === action.wanted) return undefined
  if (readOr(() => machine.read('config.template'), undefined))
    return new ApiError('CONFLICT', `${label} is a template, which has no power state to change`, {
      remedy: 'Create a virtual machine from the template, or convert the template to a virtual machine.',
    })
  if (!action.from.some((each) => each === state))
    return stateError(
      `${action.name} needs ${action.from.map(powerStateName).join(' or ')}`,
      'Power it on first, with POWER_ON.',
    )
  const question = readOr(() => machine.read('runtime.question.text'), undefined)
  return action.isGuestRequest && question !== undefined ? questionError(change, question) : undefined
}
