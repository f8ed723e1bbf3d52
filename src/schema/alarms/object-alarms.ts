// The alarms that are triggered on an inventory object and on those below it, which vCenter reports along with its own.

import { builder } from '../builder.ts'
import { requiresPaths } from '../core/field-requirements.ts'
import { alarmsOf } from './alarm-model.ts'

builder.interfaceField('ManagedEntity', 'triggeredAlarms', (t) =>
  t.field({
    ...requiresPaths('triggeredAlarmState'),
    derives: { ofObjectsOnly: 'a condition on the object of an alarm would lead back to its alarms' },
    type: ['TriggeredAlarm'],
    nullable: { list: true, items: false },
    args: {
      includeDescendants: t.arg.boolean({
        required: true,
        defaultValue: true,
        description:
          'Whether to include the alarms of objects below it: those of virtual machines in a folder, for example.',
      }),
    },
    description:
      'Alarms that are triggered on the object, and on those below it. Empty on an ESXi host. Source: `triggeredAlarmState`.',
    // A condition passes no arguments: it means all alarms.
    resolve: (object, { includeDescendants = true }) => {
      const alarms = alarmsOf(object)
      return includeDescendants ? alarms : alarms.filter(({ isOwn }) => isOwn)
    },
  }),
)
