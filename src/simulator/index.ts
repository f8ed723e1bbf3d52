// An embedded vCenter: the full service core and an inventory generated from a seed, in this process, as a
// Transport or on a port. Tests read the received calls from `calls` and inject faults with `faults`.

import { checkSimulatorOptions } from '../config/options/simulator-options.ts'
import type { Transport } from '../transport/transport.ts'
import { type AlarmStore, alarmsOf } from './alarms/alarm-store.ts'
import { Authorization, type SimulatedUser } from './authorization/authorization.ts'
import { type Clock, systemClock } from './clock.ts'
import { FolderService } from './datastore-files/folder-service.ts'
import type { FaultInjection } from './fault-injection.ts'
import { FaultInjector } from './fault-injector.ts'
import { eventManagerMethods } from './history/event-manager.ts'
import { historyCollectorMethods } from './history/history-collectors.ts'
import { taskManagerMethods } from './history/task-manager.ts'
import { type ListeningSimulator, type ListenOptions, listenHttp } from './http-server.ts'
import { createInProcessTransport } from './in-process-transport.ts'
import { type Inventory, populate } from './inventory/populate.ts'
import { alarmManagerMethods } from './service/alarm-manager.ts'
import { addAuthorizationManager, authorizationManagerMethods } from './service/authorization-manager.ts'
import { customFieldsManagerMethods } from './service/custom-fields-manager.ts'
import { Dispatcher, type RecordedCall } from './service/dispatch.ts'
import { PropertyXmlCache } from './service/property-collector/property-xml-cache.ts'
import { retrievalMethods } from './service/property-collector/retrieval.ts'
import { CollectorRegistry, updateMethods } from './service/property-collector/updates.ts'
import { searchIndexMethods } from './service/search-index.ts'
import { addServiceObjects } from './service/service-content.ts'
import { serviceInstanceMethods } from './service/service-instance.ts'
import { sessionManagerMethods } from './service/session-manager.ts'
import { Sessions } from './service/sessions.ts'
import { viewManagerMethods } from './service/view-manager.ts'
import { sessionOf, WebService } from './service/web-service.ts'
import { SimulatedInventory } from './simulated-inventory.ts'
import { addDemoTags } from './tagging/demo-tags.ts'
import { RestService } from './tagging/rest-service.ts'
import { RestSessions } from './tagging/rest-sessions.ts'
import { TagStore } from './tagging/tag-store.ts'
import { countRunningTasks, stopTasks, type TaskSettings, taskFaults, taskSettings } from './task-registry.ts'
import { taskMethods } from './tasks.ts'
import { virtualMachineMethods } from './virtual-machine/methods.ts'

export type { SimulatedUser } from './authorization/authorization.ts'
export { demoUsers } from './authorization/demo-users.ts'
export { createManualClock, type ManualClock } from './clock.ts'
export type { FaultLike } from './fault-injection.ts'
export type { RecordedCall } from './service/dispatch.ts'
export { SimulatedObject } from './simulated-inventory.ts'
export { VimFault } from './vim-fault.ts'

export interface SimulatorOptions {
  /** Number of virtual machines. @default a dozen named ones that cover the interesting cases */
  readonly vms?: number
  /** Adds small-01, whose disks can be read in seconds. @default false */
  readonly smallMachine?: boolean
  /** Seed of all pseudo-random data, including the vCenter's instance UUID. @default 1 */
  readonly seed?: number
  /** @default 'user' */
  readonly username?: string
  /** @default 'pass' */
  readonly password?: string
  /** Additional users that may log in, and what they may do. @default none */
  readonly users?: readonly SimulatedUser[]
  /** @default the system clock */
  readonly clock?: Clock
  /** Idle time after which a session ends. @default 30 minutes */
  readonly sessionIdleMs?: number
  /** Duration of tasks. @default { queuedMs: 20, durationMs: 200 } */
  readonly tasks?: Partial<TaskSettings>
}

/** Objects alive in the simulator, to check that clients clean up. */
interface LiveCounts {
  readonly sessions: number
  /** Sessions of vAPI. */
  readonly restSessions: number
  readonly views: number
  readonly filters: number
  /** Property collectors created by clients. */
  readonly collectors: number
  /** Collectors of events and tasks. */
  readonly historyCollectors: number
  /** Pending WaitForUpdates(Ex) calls. */
  readonly waits: number
  /** Tasks that are queued or running. */
  readonly tasks: number
}

export interface Simulator {
  /** The user name and the password of the administrator, as `createSimulator` received them. */
  readonly account: { readonly username: string; readonly password: string }
  /** The inventory state. Tests may read, add, change and remove objects. */
  readonly objects: SimulatedInventory
  /** Virtual machines by name, and other contents of the inventory. */
  readonly inventory: Inventory
  /** Roles, and the permissions of the users. */
  readonly authorization: Authorization
  /** Every SOAP call so far, in order of arrival. Clear it with `calls.length = 0`. */
  readonly calls: RecordedCall[]
  readonly faults: FaultInjection
  /** vAPI: categories, tags, their requests and faults. */
  readonly rest: RestService
  /** The alarms: tests define, trigger, acknowledge and clear them. */
  readonly alarms: AlarmStore
  readonly live: LiveCounts
  /** Number of live sessions whose Login response was never delivered because the connection dropped. */
  readonly orphanedSessions: number
  /** How tasks run. Changes apply to tasks that start later. */
  readonly tasks: TaskSettings
  /** Creates an in-process connection without cookies. */
  transport(): Transport
  /** Serves on a port as well. */
  listen(options?: ListenOptions): Promise<ListeningSimulator>
  /** Ends servers, transports, sessions, pending calls and tasks. */
  close(): Promise<void>
}

/**
 * Creates a simulated vCenter in this process.
 * @throws ConfigError if an option is unknown or invalid
 */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  checkSimulatorOptions(options)
  const {
    seed = 1,
    smallMachine = false,
    username = 'user',
    password = 'pass',
    users = [],
    clock = systemClock,
    sessionIdleMs = 30 * 60_000,
  } = options
  const credentials = { username, password }
  const objects = new SimulatedInventory(clock)
  const sessions = new Sessions(clock, sessionIdleMs)
  const xmlCache = new PropertyXmlCache(objects)
  addServiceObjects(objects, seed, sessions)
  const inventory = populate(objects, {
    seed,
    smallMachine,
    ...(options.vms !== undefined && { vms: options.vms }),
  })
  Object.assign(taskSettings(objects), options.tasks)

  const authorization = new Authorization(objects, [credentials, ...users])
  addAuthorizationManager(objects, authorization)
  const tagStore = new TagStore(objects, seed)
  addDemoTags(tagStore, objects)
  const rest = new RestService(
    tagStore,
    new RestSessions(clock, sessionIdleMs, [credentials, ...users], authorization),
  )
  const endSessions = () => {
    sessions.endAll()
    rest.sessions.endAll()
  }

  const faults = new FaultInjector({
    clock,
    tasks: taskFaults(objects),
    endSessions,
    changePassword: (changed) => {
      credentials.password = changed
    },
    deny: ({ value }, property, privilegeId) => xmlCache.deny(value, { property, privilegeId }),
    remove: (ref) => objects.remove(ref),
  })
  const collectors = new CollectorRegistry(objects, xmlCache, faults)
  const dispatcher = new Dispatcher({
    objects,
    sessions,
    faults,
    methods: {
      ...serviceInstanceMethods,
      ...sessionManagerMethods(sessions, [credentials, ...users], authorization),
      ...authorizationManagerMethods(authorization, sessions),
      ...retrievalMethods(xmlCache, faults),
      ...updateMethods(collectors),
      ...viewManagerMethods,
      ...searchIndexMethods,
      ...customFieldsManagerMethods,
      ...eventManagerMethods,
      ...taskManagerMethods,
      ...historyCollectorMethods,
      ...alarmManagerMethods,
      ...taskMethods,
      ...virtualMachineMethods,
    },
  })
  const files = new FolderService(objects, (request) => sessionOf(request, sessions)?.access)
  const service = new WebService(sessions, dispatcher, faults, [rest, files])
  const shutdownSignal = new AbortController()
  const servers = new Set<ListeningSimulator>()

  return {
    account: { username, password },
    objects,
    inventory,
    authorization,
    calls: dispatcher.calls,
    faults,
    rest,
    alarms: alarmsOf(objects),
    tasks: taskSettings(objects),
    get live() {
      return { ...countLive(objects, sessions, collectors), restSessions: rest.sessions.count }
    },
    get orphanedSessions() {
      return sessions.list().filter(({ isOrphaned: isOrphan }) => isOrphan).length
    },
    transport: () => createInProcessTransport({ service, clock, shutdownSignal: shutdownSignal.signal }),
    async listen(listenOptions = {}) {
      const server = await listenHttp(service, faults, clock, listenOptions)
      servers.add(server)
      return server
    },
    async close() {
      shutdownSignal.abort()
      endSessions()
      faults.clear()
      stopTasks(objects)
      await Promise.all([...servers].map((server) => server.close()))
    },
  }
}

function countLive(
  objects: SimulatedInventory,
  sessions: Sessions,
  collectors: CollectorRegistry,
): Omit<LiveCounts, 'restSessions'> {
  const all = sessions.list()
  const count = (...types: string[]) =>
    all.reduce(
      (sum, { objects }) => sum + [...objects.values()].filter(({ type }) => types.includes(type)).length,
      0,
    )
  return {
    sessions: all.length,
    views: count('ContainerView', 'ListView'),
    filters: count('PropertyFilter'),
    // Each session has its own default property collector, which no client created.
    collectors: count('PropertyCollector') - all.length,
    historyCollectors: count('EventHistoryCollector', 'TaskHistoryCollector'),
    waits: collectors.waits,
    tasks: countRunningTasks(objects),
  }
}
