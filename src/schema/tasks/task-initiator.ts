// TaskInitiator: who or what started a task.

import { isInstance } from '../../soap/type-registry.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { builder } from '../builder.ts'

interface TaskInitiator {
  readonly kind: 'USER' | 'ALARM' | 'SCHEDULE' | 'SYSTEM'
  readonly userName?: string | undefined
  readonly name?: string | undefined
}

declare module '../builder.ts' {
  interface ObjectTypes {
    TaskInitiator: TaskInitiator
  }
}

const Kind = builder.enumType('TaskInitiatorKind', {
  description: 'What kind of initiator started a task. vim25: the subtypes of `TaskReason`.',
  values: {
    USER: { description: 'A user or a service account. vim25: `TaskReasonUser`.' },
    ALARM: { description: 'An action of an alarm. vim25: `TaskReasonAlarm`.' },
    SCHEDULE: { description: 'A scheduled task. vim25: `TaskReasonSchedule`.' },
    SYSTEM: { description: 'The vCenter itself. vim25: `TaskReasonSystem`.' },
  } as const,
})

builder.objectType('TaskInitiator', {
  description:
    'Who or what started a task: a user, an alarm, a scheduled task or the vCenter itself. vim25: `TaskReason`.',
  fields: (t) => ({
    kind: t.expose('kind', {
      type: Kind,
      nullable: false,
      description: 'What kind of initiator it is. Source: the type of `TaskInfo.reason`.',
    }),
    userName: t.string({
      description:
        'The user, such as `VSPHERE.LOCAL\\Administrator`. Backup products appear as their service account. Null for other kinds. Source: `reason.userName`.',
      resolve: ({ userName }) => userName ?? null,
    }),
    name: t.string({
      description:
        'Name of the alarm or the scheduled task. Null for other kinds. Source: `reason.alarmName`, `reason.name`.',
      resolve: ({ name }) => name ?? null,
    }),
  }),
})

/** Returns who or what started a task; null if the server reports no reason, or one that is not known. */
export function initiatorOf(reason: DataObject<'TaskReason'> | undefined): TaskInitiator | null {
  if (isInstance(reason, 'TaskReasonUser')) return { kind: 'USER', userName: reason.userName || undefined }
  if (isInstance(reason, 'TaskReasonAlarm')) return { kind: 'ALARM', name: reason.alarmName }
  if (isInstance(reason, 'TaskReasonSchedule')) return { kind: 'SCHEDULE', name: reason.name }
  if (isInstance(reason, 'TaskReasonSystem')) return { kind: 'SYSTEM' }
  return null
}
