// TaskManager and TaskHistoryCollector: collectors of tasks.

import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { ServiceCall, ServiceMethodTable } from '../service/service-method.ts'
import { VimFault } from '../vim-fault.ts'
import { collectorOf, createHistoryCollector, type History } from './history-collectors.ts'
import { compileTaskFilter } from './task-filter.ts'
import { type LoggedTask, type TaskInfo, taskLogOf } from './task-log.ts'

type Call = Pick<ServiceCall<'CreateCollectorForTasks'>, 'session' | 'objects' | 'find'>

export const taskManagerMethods: ServiceMethodTable = {
  CreateCollectorForTasks: ({ args, ...call }) => createCollector(call, args.filter),

  CreateCollectorWithInfoFilterForTasks: ({ args, ...call }) =>
    createCollector(call, args.filter, args.infoFilter?.filterTaskResults),

  ReadNextTasks: ({ self, args }) => collectorOf(self).readNext(args.maxCount) as readonly TaskInfo[],

  ReadPreviousTasks: ({ self, args }) => collectorOf(self).readPrevious(args.maxCount) as readonly TaskInfo[],
}

function createCollector(
  { session, objects, find }: Call,
  filter: DataObject<'TaskFilterSpec'>,
  results?: DataObject<'TaskInfoFilterSpecFilterTaskResults'>,
): ManagedObjectReference {
  const entity = filter.entity?.entity
  if (entity && !find(entity)) throw new VimFault({ _typeName: 'ManagedObjectNotFound', obj: entity })
  const matches = compileTaskFilter(filter)
  const log = taskLogOf(objects)
  const history: History<LoggedTask> = {
    items: () => log.tasks.filter(matches),
    positionOf: ({ number }) => number,
    // Tasks need System.Read on their objects, as their events do.
    isVisible: ({ info: { entity } }) =>
      entity === undefined ||
      (objects.find(entity) ? session.access.has(entity, 'System.Read') : session.canSee(entity)),
    valueOf: ({ info }) =>
      log.settings.keepsResults && keepsResult(info, results) ? info : withoutResult(info),
    subscribe: (listener) =>
      log.subscribe((logged) => {
        if (matches(logged)) listener()
      }),
  }
  return createHistoryCollector({ session, objects }, 'TaskHistoryCollector', filter, history)
}

const withoutResult = ({ result: _, ...info }: TaskInfo): TaskInfo => info

/** Whether the result of a task passes the filter: `filterIn` says whether the results of these operations are kept or removed. */
function keepsResult(
  { descriptionId }: TaskInfo,
  {
    removeAll,
    descriptionIds = [],
    filterIn,
  }: Partial<DataObject<'TaskInfoFilterSpecFilterTaskResults'>> = {},
): boolean {
  if (removeAll) return false
  if (descriptionIds.length === 0) return true
  return descriptionIds.includes(descriptionId) === (filterIn ?? false)
}
