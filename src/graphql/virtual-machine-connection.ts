// The connections of virtual machines: what their filter and order mean, and what each of them reads.

import type { Filter } from '../plan/connection-plan.ts'
import { isOfType, type ManagedObject, whereReadable } from '../plan/managed-object.ts'
import type { Order, SortKey, WindowArgs } from '../plan/page.ts'
import type { PlanNode } from '../plan/plan-node.ts'
import { ancestors, datacenterVirtualMachines } from '../plan/traversals.ts'
import { builder } from './builder.ts'
import type { ConnectionDeclaration } from './connection.ts'
import type { Context } from './context.ts'
import { globMatcher } from './glob.ts'
import { decodeId } from './ids.ts'
import { shownName } from './names.ts'
import { type ArgBuilder, windowArgs } from './window-args.ts'

type Machine = ManagedObject<'VirtualMachine'>

export const PowerState = builder.enumType('PowerState', {
  description: 'VirtualMachinePowerState.',
  values: {
    POWERED_ON: { value: 'poweredOn', description: 'It runs.' },
    POWERED_OFF: { value: 'poweredOff', description: 'It does not run.' },
    SUSPENDED: { value: 'suspended', description: 'It is frozen, with its memory on disk.' },
  } as const,
})

const OrderField = builder.enumType('VirtualMachineOrderField', {
  description: 'What virtual machines can be ordered by. Equal ones are ordered by moid.',
  values: {
    NAME: { description: 'name, by code unit.' },
    POWER_STATE: { description: 'runtime.powerState, by its vim25 name.' },
    CPU_COUNT: { description: 'config.hardware.numCPU.' },
    MEMORY: { description: 'config.hardware.memoryMB.' },
  } as const,
})

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which end comes first. What has no value comes last in both.',
  values: { ASC: { description: 'Smallest first.' }, DESC: { description: 'Largest first.' } } as const,
})

const VirtualMachineOrder = builder.inputType('VirtualMachineOrder', {
  description: 'The order of a connection of virtual machines. Its cursors belong to it.',
  fields: (t) => ({
    field: t.field({ type: OrderField, required: true, description: 'What to order by.' }),
    direction: t.field({
      type: OrderDirection,
      required: true,
      defaultValue: 'ASC',
      description: 'Which end comes first.',
    }),
  }),
})

export const VirtualMachineFilter = builder.inputType('VirtualMachineFilter', {
  description: 'Which virtual machines belong in a connection: those that fit all that is given.',
  fields: (t) => ({
    name: t.string({
      description: 'A glob on the name as it is shown: *, ?, [a-z], [!a-z], \\ escapes; case matters.',
    }),
    powerState: t.field({
      type: [PowerState],
      description: 'runtime.powerState is one of these; an empty list fits nothing.',
    }),
    changeTrackingEnabled: t.boolean({
      description: 'config.changeTrackingEnabled; not reported counts as false.',
    }),
    hasSnapshots: t.boolean({
      description: 'Whether there is at least one snapshot: the property snapshot.',
    }),
    template: t.boolean({ description: 'config.template; not readable counts as neither.' }),
    datacenter: t.id({ description: 'Below this datacenter.' }),
  }),
})

/** The arguments of every connection of virtual machines. */
export const virtualMachineArgs = (arg: ArgBuilder) => ({
  ...windowArgs(arg),
  filter: arg({ type: VirtualMachineFilter, description: 'Only those that fit.' }),
  orderBy: arg({ type: VirtualMachineOrder, description: 'By name, smallest first, unless told otherwise.' }),
})

interface Args extends WindowArgs {
  readonly filter?: typeof VirtualMachineFilter.$inferInput | null | undefined
  readonly orderBy?: typeof VirtualMachineOrder.$inferInput | null | undefined
}

const sortKeys: Readonly<
  Record<(typeof OrderField)['$inferType'], { readonly path: string; readonly key: (vm: Machine) => SortKey }>
> = {
  NAME: { path: 'name', key: shownName },
  POWER_STATE: { path: 'runtime.powerState', key: (vm) => vm.peek('runtime.powerState') ?? null },
  CPU_COUNT: { path: 'config.hardware.numCPU', key: (vm) => vm.peek('config.hardware.numCPU') ?? null },
  MEMORY: { path: 'config.hardware.memoryMB', key: (vm) => vm.peek('config.hardware.memoryMB') ?? null },
}

function orderOf({ orderBy }: Args): Order {
  const { field, direction } = orderBy ?? { field: 'NAME', direction: 'ASC' }
  const { path, key } = sortKeys[field]
  return {
    name: `VirtualMachine ${field} ${direction ?? 'ASC'}`,
    descending: direction === 'DESC',
    reads: [path],
    key: key as Order['key'],
  }
}

/** One condition of a filter: what it reads, and what it wants of it. */
interface Condition {
  readonly plan: (node: PlanNode) => unknown
  readonly matches: (vm: Machine) => boolean
}

export function filterOf({ filter }: Pick<Args, 'filter'>, context: Context): Filter {
  const conditions: Condition[] = []
  const add = (plan: Condition['plan'], matches: Condition['matches']) => conditions.push({ plan, matches })
  const { name, powerState, changeTrackingEnabled, hasSnapshots, template, datacenter } = filter ?? {}
  if (name != null) {
    const fits = globMatcher(name)
    add(
      (node) => node.read('name'),
      (vm) => fits(shownName(vm)),
    )
  }
  if (powerState != null) {
    const states = new Set<string>(powerState)
    add(
      (node) => node.read('runtime.powerState'),
      (vm) => states.has(vm.peek('runtime.powerState') ?? ''),
    )
  }
  if (changeTrackingEnabled != null) {
    add(
      (node) => node.read('config.changeTrackingEnabled'),
      (vm) => (vm.peek('config.changeTrackingEnabled') ?? false) === changeTrackingEnabled,
    )
  }
  if (hasSnapshots != null)
    add(
      (node) => node.read('snapshot'),
      (vm) => !vm.isMissing('snapshot') && (vm.peek('snapshot') !== undefined) === hasSnapshots,
    )
  if (template != null)
    add(
      (node) => node.read('config.template'),
      (vm) => vm.peek('config.template') === template,
    )
  if (datacenter != null) {
    const { ref } = decodeId(context, datacenter, ['Datacenter'])
    add(
      (node) => node.follow(ancestors),
      (vm) => isBelow(vm, ref.value),
    )
  }
  return {
    plan: (node) => {
      for (const condition of conditions) condition.plan(node)
    },
    matches: (object) =>
      isOfType(object, 'VirtualMachine') && conditions.every(({ matches }) => matches(object)),
  }
}

/** False too where the way upwards may not be read. */
const isBelow = (vm: Machine, datacenter: string): boolean =>
  whereReadable(() => ancestors.follow(vm), []).some(({ ref }) => ref.value === datacenter)

const declaration = { type: 'VirtualMachine', order: orderOf, filter: filterOf } as const

/** All virtual machines of the vCenter. */
export const inventoryVirtualMachines: ConnectionDeclaration<Args> = {
  ...declaration,
  collection: { name: 'virtualMachines', type: 'VirtualMachine' },
}

/** Those of one datacenter. */
export const virtualMachinesOfDatacenter: ConnectionDeclaration<Args> = {
  ...declaration,
  collection: {
    name: 'Datacenter.virtualMachines',
    type: 'VirtualMachine',
    traversal: datacenterVirtualMachines,
  },
}
