// The ServiceInstance and the singletons in its content, as in vCenter 8.0 Update 2.

import { createHash } from 'node:crypto'
import type { DataObject, ManagedObjectReference } from '../../soap/vim-types.ts'
import { alarmManager } from '../alarms/alarm-store.ts'
import { customFieldsManager } from '../custom-fields/custom-fields.ts'
import { addEventManager, eventManager, maxCollectors } from '../history/event-log.ts'
import { taskDescription } from '../history/task-operations.ts'
import type { SimulatedInventory } from '../simulated-inventory.ts'
import type { Sessions } from './sessions.ts'

export const rootFolder: ManagedObjectReference = { type: 'Folder', value: 'group-d1' }
const serviceInstance: ManagedObjectReference = { type: 'ServiceInstance', value: 'ServiceInstance' }
export const sessionManager: ManagedObjectReference = { type: 'SessionManager', value: 'SessionManager' }
export const viewManager: ManagedObjectReference = { type: 'ViewManager', value: 'ViewManager' }
export const propertyCollector: ManagedObjectReference = {
  type: 'PropertyCollector',
  value: 'propertyCollector',
}
export const authorizationManager: ManagedObjectReference = {
  type: 'AuthorizationManager',
  value: 'AuthorizationManager',
}
const taskManager: ManagedObjectReference = { type: 'TaskManager', value: 'TaskManager' }
const searchIndex: ManagedObjectReference = { type: 'SearchIndex', value: 'SearchIndex' }

/** Adds them to the inventory. The instance UUID derives from the seed, so IDs that contain it are stable. */
export function addServiceObjects(objects: SimulatedInventory, seed: number, sessions: Sessions): void {
  objects.add('ServiceInstance', serviceInstance.value, {
    content: serviceContent(seed),
    serverClock: () => objects.clock.now(),
  })
  objects.add('SessionManager', sessionManager.value, {
    sessionList: () => sessions.list().map((session) => session.toUserSession()),
    messageLocaleList: ['en'],
    supportedLocaleList: ['en'],
    defaultLocale: 'en',
  })
  objects.add('PropertyCollector', propertyCollector.value, { filter: [] })
  objects.add('ViewManager', viewManager.value, { viewList: [] })
  objects.add('TaskManager', taskManager.value, {
    recentTask: [],
    description: taskDescription(),
    maxCollector: maxCollectors,
  })
  addEventManager(objects)
  objects.add('SearchIndex', searchIndex.value, {})
  objects.add('CustomFieldsManager', customFieldsManager.value, { field: [] })
  objects.add('AlarmManager', alarmManager.value, { defaultExpression: [] })
}

/** Lists only implemented managers: clients rely on a manager that is listed. */
function serviceContent(seed: number): DataObject<'ServiceContent'> {
  return {
    _typeName: 'ServiceContent',
    rootFolder,
    propertyCollector,
    viewManager,
    about: {
      name: 'VMware vCenter Server',
      fullName: 'VMware vCenter Server 8.0.2 build-22617221',
      vendor: 'VMware, Inc.',
      version: '8.0.2',
      patchLevel: '00000',
      build: '22617221',
      localeVersion: 'INTL',
      localeBuild: '000',
      osType: 'linux-x64',
      productLineId: 'vpx',
      apiType: 'VirtualCenter',
      apiVersion: '8.0.2.0',
      instanceUuid: uuidFrom(`vCenter ${seed}`),
      licenseProductName: 'VMware VirtualCenter Server',
      licenseProductVersion: '8.0',
    },
    sessionManager,
    eventManager,
    taskManager,
    customFieldsManager,
    alarmManager,
    searchIndex,
    authorizationManager,
  }
}

function uuidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/**
 * GET /sdk/vimServiceVersions.xml. On a real vCenter, `version` is an internal name; clients use the prior
 * versions.
 */
export const serviceVersions =
  '<?xml version="1.0" encoding="UTF-8" ?><namespaces version="1.0"><namespace><name>urn:vim25</name>' +
  '<version>uA046D008</version><priorVersions>' +
  [
    '8.0.2.0',
    '8.0.1.0',
    '8.0.0.2',
    '8.0.0.1',
    '8.0.0.0',
    '7.0.3.2',
    '7.0.3.1',
    '7.0.3.0',
    '7.0.2.1',
    '7.0.2.0',
  ]
    .concat([
      '7.0.1.1',
      '7.0.1.0',
      '7.0.0.2',
      '7.0.0.0',
      '6.9.1',
      '6.8.7',
      '6.7.3',
      '6.7.2',
      '6.7.1',
      '6.7',
      '6.5',
    ])
    .concat(['6.0', '5.5', '5.1', '5.0', '4.1', '4.0'])
    .map((version) => `<version>${version}</version>`)
    .join('') +
  '</priorVersions></namespace></namespaces>\n'
