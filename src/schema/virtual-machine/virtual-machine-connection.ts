// The connections of virtual machines: what their filter and order mean, and what each of them reads.

import { ancestors } from '../../planner/ancestors.ts'
import type { Filter } from '../../planner/connection-plan.ts'
import { isOfType, type ManagedObject, readOr } from '../../planner/managed-object.ts'
import type { PaginationArgs } from '../../planner/page.ts'
import type { PlanNode } from '../../planner/plan-node.ts'
import type { Traversal } from '../../planner/traversals.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import type { ConnectionDeclaration } from '../core/connection.ts'
import { globMatcher, nameGlobDescription } from '../core/glob.ts'
import { decodeId } from '../core/ids.ts'
import { displayName } from '../core/names.ts'
import { type OrderBy, ordering, sortFieldsOf } from '../core/ordering.ts'
import { type ArgBuilder, paginationArgs } from '../core/pagination-args.ts'
import { enabledPaths, isEnabled } from './tracking-state.ts'

type VirtualMachineObject = ManagedObject<'VirtualMachine'>

export const PowerState = builder.enumType('PowerState', {
  description: 'VirtualMachinePowerState.',
  values: {
    POWERED_ON: { value: 'poweredOn', description: 'It runs.' },
    POWERED_OFF: { value: 'poweredOff', description: 'It does not run.' },
    SUSPENDED: { value: 'suspended', description: 'It is frozen, with its memory on disk.' },
  } as const,
})

const by = sortFieldsOf('VirtualMachine')

const { Input: VirtualMachineOrder, orderOf } = ordering('VirtualMachine', 'virtual machine', {
  POWER_STATE: by('runtime.powerState', 'runtime.powerState, by its vim25 name.'),
  CPU_COUNT: by('config.hardware.numCPU', 'config.hardware.numCPU.', 'summary.config.numCpu'),
  MEMORY: by('config.hardware.memoryMB', 'config.hardware.memoryMB.', 'summary.config.memorySizeMB'),
})

export const VirtualMachineFilter = builder.inputType('VirtualMachineFilter', {
  description: 'Which virtual machines belong in a connection: those that fit all that is given.',
  fields: (t) => ({
    name: t.string({ description: nameGlobDescription }),
    powerState: t.field({
      type: [PowerState],
      description: 'runtime.powerState is one of these; an empty list fits nothing.',
    }),
    changeTrackingEnabled: t.boolean({
      description:
        'Whether change tracking is switched on, as ChangeTracking.enabled reports it; not readable counts as false. Source: `config.changeTrackingEnabled`, `config.extraConfig["ctkEnabled"]`.',
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
  ...paginationArgs(arg),
  filter: arg({ type: VirtualMachineFilter, description: 'Only those that fit.' }),
  orderBy: arg({ type: VirtualMachineOrder, description: 'By name, smallest first, unless told otherwise.' }),
})

interface Args extends PaginationArgs {
  readonly filter?: typeof VirtualMachineFilter.$inferInput | null | undefined
  readonly orderBy?: OrderBy
}

/** One condition of a filter: what it reads, and what it wants of it. */
interface Condition {
  readonly plan: (node: PlanNode) => unknown
  readonly matches: (vm: VirtualMachineObject) => boolean
}

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

/** False too where the way upwards may not be read. */
const isInDatacenter = (vm: VirtualMachineObject, datacenter: string): boolean =>
  readOr(() => ancestors.follow(vm), []).some(({ ref }) => ref.value === datacenter)

const declaration = {
  type: 'VirtualMachine',
  order: ({ orderBy }: Args) => orderOf(orderBy),
  filter: filterOf,
} as const

/** All virtual machines of the vCenter. */
export const inventoryVirtualMachines: ConnectionDeclaration<Args> = {
  ...declaration,
  collection: { name: 'virtualMachines', type: 'VirtualMachine' },
}

/** Those that an edge leads to. */
export const virtualMachinesVia = (traversal: Traversal<'VirtualMachine'>): ConnectionDeclaration<Args> => ({
  ...declaration,
  collection: { name: traversal.name, type: 'VirtualMachine', traversal },
})
