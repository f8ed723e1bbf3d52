// The connections of virtual machines: their filter and order, with the properties that each condition reads.

import { ancestors } from '../../planner/ancestors.ts'
import { isOfType, type ManagedObject, readOr } from '../../planner/managed-object.ts'
import type { PaginationArgs } from '../../planner/page.ts'
import type { Filter, PlanNode } from '../../planner/plan-node.ts'
import type { Traversal } from '../../planner/traversals.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import type { ConnectionDeclaration } from '../core/connections/connection.ts'
import { type OrderBy, ordering, sortFieldsOf } from '../core/connections/ordering.ts'
import { type ArgBuilder, paginationArgs } from '../core/connections/pagination-args.ts'
import { globMatcher, nameGlobDescription } from '../core/glob.ts'
import { displayName } from '../core/names.ts'
import { decodeId } from '../core/nodes/ids.ts'
import { enabledPaths, isEnabled } from './tracking-state.ts'

type VirtualMachineObject = ManagedObject<'VirtualMachine'>

export const PowerState = builder.enumType('PowerState', {
  description: 'The power state of a virtual machine. vim25: `VirtualMachinePowerState`.',
  values: {
    POWERED_ON: { value: 'poweredOn', description: 'The virtual machine is running.' },
    POWERED_OFF: { value: 'poweredOff', description: 'The virtual machine is powered off.' },
    SUSPENDED: {
      value: 'suspended',
      description: 'The virtual machine is paused, with its memory saved to disk.',
    },
  } as const,
})

const sortBy = sortFieldsOf('VirtualMachine')

const { Input: VirtualMachineOrder, orderOf } = ordering('VirtualMachine', 'virtual machine', {
  POWER_STATE: sortBy(
    'runtime.powerState',
    'Power state, sorted by its vim25 name: poweredOff, poweredOn, suspended. Source: `runtime.powerState`.',
  ),
  CPU_COUNT: sortBy(
    'config.hardware.numCPU',
    'Number of virtual CPUs. Source: `config.hardware.numCPU`, or else `summary.config.numCpu`.',
    'summary.config.numCpu',
  ),
  MEMORY: sortBy(
    'config.hardware.memoryMB',
    'Configured memory. Source: `config.hardware.memoryMB`, or else `summary.config.memorySizeMB`.',
    'summary.config.memorySizeMB',
  ),
})

export const VirtualMachineFilter = builder.inputType('VirtualMachineFilter', {
  description: 'Conditions that select virtual machines. A virtual machine must meet all of them.',
  fields: (t) => ({
    name: t.string({ description: nameGlobDescription }),
    powerState: t.field({
      type: [PowerState],
      description:
        'The power state is one of these. An empty list matches nothing. Source: `runtime.powerState`.',
    }),
    changeTrackingEnabled: t.boolean({
      description:
        'Whether changed block tracking is enabled, as `ChangeTracking.enabled` reports it. A value that cannot be read counts as false. Source: `config.changeTrackingEnabled`, `config.extraConfig["ctkEnabled"]`.',
    }),
    hasSnapshots: t.boolean({
      description:
        'Whether the virtual machine has at least one snapshot. A virtual machine whose snapshots may not be read matches neither value. Source: `snapshot`.',
    }),
    template: t.boolean({
      description:
        'Whether the object is a template. An object for which this cannot be read matches neither value. Source: `config.template`, or else `summary.config.template`.',
    }),
    datacenter: t.id({
      description: 'Global id of a datacenter. Matches the virtual machines below it, at any depth.',
    }),
  }),
})

/** The arguments of every connection of virtual machines. */
export const virtualMachineArgs = (arg: ArgBuilder) => ({
  ...paginationArgs(arg),
  filter: arg({ type: VirtualMachineFilter, description: 'Returns only objects that match this filter.' }),
  orderBy: arg({ type: VirtualMachineOrder, description: 'Sort order. Defaults to the name, ascending.' }),
})

interface Args extends PaginationArgs {
  readonly filter?: typeof VirtualMachineFilter.$inferInput | null | undefined
  readonly orderBy?: OrderBy
}

/** One condition of a filter: the paths that it needs, and its predicate. */
interface Condition {
  readonly plan: (node: PlanNode) => unknown
  readonly matches: (vm: VirtualMachineObject) => boolean
}

/**
 * Converts the filter argument to a filter of the planner.
 *
 * @throws ApiError if the glob or the id of the datacenter is invalid
 */
export function filterOf({ filter }: Pick<Args, 'filter'>, context: Context): Filter {
  const conditions: Condition[] = []
  const add = (plan: Condition['plan'], matches: Condition['matches']) => conditions.push({ plan, matches })
  const { name, powerState, changeTrackingEnabled, hasSnapshots, template, datacenter } = filter ?? {}
  if (name != null) {
    const matches = globMatcher(name)
    add(
      (node) => node.read('name'),
      (vm) => matches(displayName(vm)),
    )
  }
  if (powerState != null) {
    const states = new Set<string>(powerState)
    add(
      (node) => node.read('runtime.powerState'),
      (vm) => states.has(vm.tryRead('runtime.powerState') ?? ''),
    )
  }
  if (changeTrackingEnabled != null) {
    add(
      (node) => node.read(...enabledPaths),
      (vm) => (readOr(() => isEnabled(vm), null) ?? false) === changeTrackingEnabled,
    )
  }
  if (hasSnapshots != null)
    add(
      (node) => node.read('snapshot'),
      (vm) => !vm.isUnreadable('snapshot') && (vm.tryRead('snapshot') !== undefined) === hasSnapshots,
    )
  if (template != null)
    add(
      (node) => node.read('config.template', 'summary.config.template'),
      (vm) => (vm.tryRead('config.template') ?? vm.tryRead('summary.config.template')) === template,
    )
  if (datacenter != null) {
    const { ref } = decodeId(context, datacenter, ['Datacenter'])
    add(
      (node) => node.follow(ancestors),
      (vm) => isInDatacenter(vm, ref.value),
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

/** Returns false also if an ancestor may not be read. */
const isInDatacenter = (vm: VirtualMachineObject, datacenter: string): boolean =>
  readOr(() => ancestors.follow(vm), []).some(({ ref }) => ref.value === datacenter)

const declaration = {
  type: 'VirtualMachine',
  order: ({ orderBy }: Args) => orderOf(orderBy),
  filter: filterOf,
} as const

/** The connection of all virtual machines of the vCenter. */
export const inventoryVirtualMachines: ConnectionDeclaration<Args> = {
  ...declaration,
  collection: { name: 'virtualMachines', type: 'VirtualMachine' },
}

/** The connection of the virtual machines that an edge leads to. */
export const virtualMachinesVia = (traversal: Traversal<'VirtualMachine'>): ConnectionDeclaration<Args> => ({
  ...declaration,
  collection: { name: traversal.name, type: 'VirtualMachine', traversal },
})
