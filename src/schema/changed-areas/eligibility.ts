// ChangeTracking.eligibility: whether a step can be taken now, with everything that prevents it: the reasons of the configuration, the
// privileges of the session, and running tasks. One call for the privileges of all machines, and one retrieval for their tasks.

import type { ManagedObject } from '../../planner/managed-object.ts'
import type { PlanNode } from '../../planner/plan-node.ts'
import { hasEnded } from '../../vim25/tasks/task-watcher.ts'
import { missingPrivileges } from '../access/privilege-checks.ts'
import { builder } from '../builder.ts'
import type { Context } from '../context.ts'
import { nodeAt, requires } from '../core/field-requirements.ts'
import { recentTasksOf } from '../tasks/recent-tasks.ts'
import { blockersOf, isEligible } from '../virtual-machine/change-tracking/blockers.ts'
import { ChangeTrackingReasonType } from '../virtual-machine/change-tracking/change-tracking.ts'
import type { ChangeTrackingStep } from '../virtual-machine/change-tracking/reason-codes.ts'
import { type ChangeTrackingReason, planTrackingReasons } from '../virtual-machine/change-tracking/reasons.ts'

/** The privileges that each step needs on the virtual machine. */
const privilegesFor: Readonly<Record<ChangeTrackingStep, readonly string[]>> = {
  ACTIVATE: [
    'VirtualMachine.Config.ChangeTracking',
    'VirtualMachine.State.CreateSnapshot',
    'VirtualMachine.State.RemoveSnapshot',
  ],
  CAPTURE: [
    'VirtualMachine.Provisioning.DiskRandomRead',
    'VirtualMachine.State.CreateSnapshot',
    'VirtualMachine.State.RemoveSnapshot',
  ],
}

export interface Eligibility {
  readonly isEligible: boolean | null
  readonly blockers: readonly ChangeTrackingReason[]
}

const EligibilityType = builder.objectRef<Eligibility>('ChangeTrackingEligibility').implement({
  description: 'Whether a step of a backup by changed blocks can be taken now.',
  fields: (t) => ({
    isEligible: t.exposeBoolean('isEligible', {
      description:
        'Whether nothing prevents the step for the whole virtual machine, and at least one disk is left. Null if the configuration cannot be read: `blockers` then has what is known, and the step is likely to fail. The role of the caller in the gateway does not count: `can` with CAPTURE_CHANGES or SET_CHANGE_TRACKING checks it.',
    }),
    blockers: t.expose('blockers', {
      type: [ChangeTrackingReasonType],
      nullable: { list: false, items: false },
      description:
        'Everything that prevents the step, all at once. One with a disk leaves out that disk only, except SHARED_BUS of a disk that is not independent, which prevents every snapshot. Privileges are not checked on an ESXi host, which cannot report them.',
    }),
  }),
})

const StepType = builder.enumType('ChangeTrackingStep', {
  description: 'A step of a backup by changed blocks.',
  values: {
    ACTIVATE: { description: 'Make change tracking active now: setChangeTracking with activate.' },
    CAPTURE: { description: 'Take a snapshot whose changed areas are read.' },
  } as const,
})

builder.objectField('ChangeTracking', 'eligibility', (t) =>
  t.field({
    ...requires((position) => planEligibility(nodeAt(position))),
    derives: { nothing: 'it takes calls of its own, and depends on the account' },
    type: EligibilityType,
    args: {
      for: t.arg({
        type: StepType,
        required: true,
        defaultValue: 'CAPTURE',
        description: 'The step to check.',
      }),
    },
    description:
      'Whether a step can be taken now, and everything that prevents it: the reasons of `reasons` that concern the step, missing privileges, and running tasks. The role of the caller in the gateway is not checked: see `can`. One call for all virtual machines of a vCenter in a response, and one retrieval if tasks are listed. Source: as `reasons`; `HasPrivilegeOnEntities`; `recentTask`.',
    resolve: (vm, { for: step }, context) => eligibilityOf(vm, step, context),
  }),
)

/** Adds the requirements of eligibilityOf to a plan node. */
export const planEligibility = <N extends PlanNode>(node: N): N =>
  planTrackingReasons(node).read('recentTask')

/** Returns whether a step can be taken, and everything that prevents it. */
export async function eligibilityOf(
  vm: ManagedObject<'VirtualMachine'>,
  step: ChangeTrackingStep,
  context: Context,
): Promise<Eligibility> {
  const [lacking, running] = await Promise.all([
    privilegeReasons(vm, step, context),
    runningTasks(vm, context),
  ])
  const blockers = [...blockersOf(vm, step), ...lacking, ...running]
  return { isEligible: isEligible(vm, step, blockers), blockers }
}

async function privilegeReasons(
  vm: ManagedObject<'VirtualMachine'>,
  step: ChangeTrackingStep,
  { vcenters }: Context,
): Promise<ChangeTrackingReason[]> {
  // The check needs System.Read on each object, or it fails for all of them.
  const missing = vm.isUnreadable('disabledMethod')
    ? ['System.Read']
    : await missingPrivileges(vcenters.of(vm), { ref: vm.ref, privileges: privilegesFor[step] })
  return (missing ?? []).map((privilege) => ({
    code: 'MISSING_PRIVILEGE',
    message: `The account lacks the privilege ${privilege} on the virtual machine.`,
    privilege,
  }))
}

async function runningTasks(
  vm: ManagedObject<'VirtualMachine'>,
  { vcenters }: Context,
): Promise<ChangeTrackingReason[]> {
  if (vm.isUnreadable('recentTask')) return []
  const tasks = await recentTasksOf(vm, vcenters.of(vm).reader)
  return tasks
    .filter((task) => !hasEnded(task))
    .map((task) => ({
      code: 'TASK_RUNNING',
      message: `${task.descriptionId} (${task.task.value}) is ${task.state}.`,
      task,
    }))
}
