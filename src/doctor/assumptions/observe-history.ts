// Probes of the history of events and tasks, through collectors that are destroyed at once, and of privileges.

import type { DataObject } from '../../soap/vim-types.ts'
import { createEventCollector } from '../../vim25/history/event-collector.ts'
import { HistoryCollectors, type LeasedCollector } from '../../vim25/history/history-collectors.ts'
import { count, type DoctorRun, isHost, known } from '../check.ts'
import { readProperties } from '../checks/read-properties.ts'
import { safeTypeName } from '../failure.ts'
import {
  confirmed,
  denied,
  differs,
  failedWith,
  faultOf,
  firstValue,
  missingFaults,
  notApplicable,
  type Observation,
  retrieveOnce,
  rootFolderOf,
  unknown,
} from './probe.ts'

/** Events or tasks of one page. */
const pageSize = 100

/** Leases a collector of all events. */
const withEvents = <T>(
  { session, signal }: DoctorRun,
  maxCount: number,
  work: (collector: LeasedCollector) => Promise<T>,
): Promise<T> => new HistoryCollectors(session).lease(createEventCollector({ maxCount }), { signal }, work)

export async function observeEventTypes(run: DoctorRun): Promise<Observation> {
  if (!known(run.content).eventManager) return notApplicable('The server has no EventManager.')
  const events = await withEvents(run, pageSize, (collector) => collector.latestPage())
  const ids = events.flatMap((event) => {
    const { eventTypeId } = event as { eventTypeId?: unknown }
    return typeof eventTypeId === 'string' ? [eventTypeId] : []
  })
  if (ids.length === 0) return notApplicable(`None of ${count(events.length, 'event')} has an id.`)
  const long = ids.filter((id) => id.startsWith('vim.')).length
  const observed = `${long} of ${count(ids.length, 'id')} begin with vim.`
  return long === 0 ? confirmed(observed) : differs(observed)
}

export async function observePreviousEvents(run: DoctorRun): Promise<Observation> {
  if (!known(run.content).eventManager) return notApplicable('The server has no EventManager.')
  const keysOf = (events: readonly unknown[]) => events.map((event) => (event as { key?: unknown }).key)
  const size = 10
  const [latest, previous] = await withEvents(run, size, async (collector) => {
    const page = keysOf(await collector.latestPage())
    await collector.reset()
    return [page, keysOf(await collector.read('ReadPreviousEvents', size))] as const
  })
  if (latest.length === 0 || previous.length === 0) return unknown('There are not enough events.')
  const repeated = previous.filter((key) => latest.includes(key)).length
  const observed = `${repeated} of ${count(previous.length, 'event')} are of the latest page.`
  return repeated === 0 ? confirmed(observed) : differs(observed)
}

export async function observeTaskResults(run: DoctorRun): Promise<Observation> {
  if (isHost(run)) return notApplicable('An ESXi host has no history of tasks.')
  const { taskManager } = known(run.content)
  if (!taskManager) return notApplicable('The server has no TaskManager.')
  const { session, signal } = run
  const tasks = await new HistoryCollectors(session).lease(
    (login) => login.call('CreateCollectorForTasks', taskManager, { filter: { state: ['success'] } }, {}),
    { signal },
    async (collector) => {
      await collector.reset()
      return [...(await collector.latestPage()), ...(await collector.read('ReadPreviousTasks', pageSize))]
    },
  )
  const snapshots = (tasks as readonly Partial<DataObject<'TaskInfo'>>[]).filter(({ descriptionId }) =>
    /^VirtualMachine\.createSnapshot/.test(descriptionId ?? ''),
  )
  if (snapshots.length === 0)
    return notApplicable(`None of ${count(tasks.length, 'task')} has created a snapshot.`)
  const kept = snapshots.filter(({ result }) => result !== undefined).length
  const observed = `${kept} of ${count(snapshots.length, 'task')} that created a snapshot have a result.`
  return kept > 0 ? confirmed(observed) : differs(observed)
}

export async function observeUnknownPrivilege(run: DoctorRun): Promise<Observation> {
  const { authorizationManager } = known(run.content)
  if (isHost(run) || !authorizationManager) return notApplicable('The server cannot check privileges.')
  const login = await run.session.ensureLogin({ signal: run.signal })
  let isGranted: boolean | undefined
  const args = {
    entity: [rootFolderOf(run)],
    sessionId: login.key,
    privId: ['System.View', 'VsphereGraphqlDoctor.Invented'],
  }
  const fault = await faultOf(
    login.call('HasPrivilegeOnEntities', authorizationManager, args, { signal: run.signal }).then((reply) => {
      isGranted = reply[0]?.privAvailability?.find(({ privId }) => privId === args.privId[1])?.isGranted
    }),
  )
  if (fault) return failedWith(fault)
  if (isGranted === undefined) return differs('It is not in the response.')
  return isGranted ? differs('It is granted.') : confirmed('It is not granted.')
}

export async function observeRoles(run: DoctorRun): Promise<Observation> {
  const { authorizationManager } = known(run.content)
  if (!authorizationManager) return notApplicable('The server has no AuthorizationManager.')
  const folder = await retrieveOnce(run, 'Folder', ['effectiveRole'], [rootFolderOf(run)])
  const effective = firstValue(folder)
  const [manager] = await readProperties(run, [authorizationManager], 'AuthorizationManager', ['roleList'])
  const roles = manager?.values.get('roleList') as readonly { readonly roleId: number }[] | undefined
  const fault = manager?.faults.get('roleList')
  const unreadable = denied([...missingFaults(folder), ...(fault === undefined ? [] : [fault])])
  if (unreadable) return unreadable
  if (fault !== undefined) return differs(`It is missing with ${safeTypeName(fault)}.`)
  if (!Array.isArray(effective) || !roles) return differs('It is unset or cannot be read.')
  const ids = new Set(roles.map(({ roleId }) => roleId))
  return effective.length > 0 && effective.every((id) => ids.has(id))
    ? confirmed(`It has the roles of the session, among ${count(roles.length, 'role')}.`)
    : differs('It does not have the roles of the session.')
}
