// The connection of all triggered alarms: the root folder has those of all objects.

import type { ManagedObject } from '../../planner/managed-object.ts'
import type { Parts } from '../../planner/plan-node.ts'
import { builder } from '../builder.ts'
import { inventoryPage } from '../core/connections/connection-field.ts'
import { namedConnection } from '../core/connections/named-connection.ts'
import { ApiError } from '../errors/api-error.ts'
import { alarmsOf, type TriggeredAlarm } from './alarm-model.ts'

/** The alarms of the root folder, and where they are planned. */
export const alarmParts: Parts = {
  plan: (folder) => folder.read('triggeredAlarmState'),
  of: (folder) => alarmsOf(folder),
  moid: ({ state }: TriggeredAlarm) => state.key,
}

export const alarms = namedConnection({
  type: 'TriggeredAlarm',
  label: 'triggered alarm',
  defaultOrder: { field: 'TRIGGERED_AT', direction: 'DESC' },
  hasStatistics: true,
})

const allAlarms = alarms.declarationOf({
  name: 'TriggeredAlarm',
  type: 'Folder',
  parts: alarmParts,
  isOfRootFolder: true,
})

builder.queryField('triggeredAlarms', (t) =>
  t.field({
    type: alarms.type,
    args: alarms.args(t.arg),
    description:
      'The alarms that are triggered anywhere in the vCenter, page by page. Only those of objects that the account may see. Source: `triggeredAlarmState` of the root folder.',
    resolve: async (_root, args, context, info) => {
      const page = await inventoryPage(allAlarms, args, context, info)
      const { source, reader } = context.vcenters.of(page)
      if (source.rootFolder) assertReadable(reader.objectCache.get(source.rootFolder))
      return page
    },
  }),
)

/**
 * Checks that the alarms of the root folder were read: an empty list means that there are none.
 *
 * @throws VimFaultError or ApiError FORBIDDEN if they may not be read
 */
export function assertReadable(rootFolder: ManagedObject): void {
  if (rootFolder.isMissing)
    throw new ApiError('FORBIDDEN', 'the root folder, which has the alarms of all objects, is not visible', {
      remedy:
        'Grant the privilege System.View on the root folder to the account that made the call, or select triggeredAlarms of the objects that it may see.',
    })
  if (rootFolder.isLoaded) alarmsOf(rootFolder)
}
