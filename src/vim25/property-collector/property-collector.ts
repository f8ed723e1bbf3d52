// Retrieves properties with RetrievePropertiesEx. Reads all pages, omits missing objects, omits and remembers unknown properties,
// and reports an ended session always as NotAuthenticated. planner/ builds the specs; identical concurrent retrievals share one
// (single-flight.ts).

import { SoapError } from '../../soap/soap-error.ts'
import { isSubtype } from '../../soap/type-registry.ts'
import type { DataObject, FaultName, ManagedObjectReference } from '../../soap/vim-types.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { Login } from '../session/login.ts'
import type { StreamingOptions } from '../session/soap-call.ts'
import { hasEnded, type TaskInfo } from '../tasks/task-watcher.ts'
import { fromLocalizedFault, VimFaultError } from '../vim-fault-error.ts'
import {
  hasNamedTraversals,
  inlineTraversals,
  isSameRef,
  recordMissing,
  withoutMissing,
} from './missing-objects.ts'
import { PageGuard } from './page-guard.ts'
import type { ObjectContent, PropertyFilterSpec } from './retrieval-types.ts'
import { shareRetrieval } from './single-flight.ts'
import {
  type ExcludedPath,
  excludeCandidates,
  recordUnknown,
  type UnknownProperties,
  withoutExcluded,
} from './unknown-properties.ts'

const cleanUpTimeoutMs = 5_000

/**
 * Maximum number of objects per page. The next page is requested as soon as a page starts to arrive, so additional pages cost
 * little, and neither side holds more than two pages. docs/performance.md has the measurements.
 */
const maxObjects = 1_000

/**
 * Retrieves all objects that the specs select.
 * @param unknown properties that the server does not know; they are omitted, and newly found ones are added
 * @param onObject receives each object as it arrives, possibly several times, without its unset properties. If the retrieval
 *   fails, the objects received so far are incomplete.
 * @param deviceTypes the types of virtual devices whose content is decoded. @default all
 */
export async function retrieveProperties(
  login: Login,
  specSet: readonly PropertyFilterSpec[],
  unknown: UnknownProperties,
  callOptions: CallOptions,
  onObject: (object: ObjectContent) => void,
  deviceTypes: readonly string[] = ['VirtualDevice'],
): Promise<void> {
  // Each attempt removes at least one path or one missing object. The limit is for servers that keep naming others.
  const exclusions: ExcludedPath[] = []
  const missing: ManagedObjectReference[] = []
  let inlined = false
  for (let attempt = 1; ; attempt += 1) {
    const knownSpecs = unknown.without(specSet)
    const sharedSpecs = withoutMissing(withoutExcluded(knownSpecs, exclusions), missing)
    const requestedSpecs = inlined ? inlineTraversals(sharedSpecs) : sharedSpecs
    // All requested objects are missing.
    if (requestedSpecs.length === 0) return
    const requested = pathsOf(requestedSpecs)
    try {
      const onKnownObject = (object: ObjectContent) => {
        recordUnknown(object, unknown)
        onObject(object)
      }
      // Retrievals that decode other devices are not shared: their objects would lack values.
      const request = { requestedSpecs, deviceTypes }
      await shareRetrieval(login, request, callOptions, onKnownObject, (sharedOptions, onSharedObject) => {
        const onArrived = (arrived: ObjectContent) => {
          throwIfUnauthenticated(arrived)
          const object = withinRequest(arrived, requested)
          recordEndedTask(object, login)
          onSharedObject(object)
        }
        return retrieveOnce(login, requestedSpecs, deviceTypes, sharedOptions, onArrived)
      })
      for (const { type, path } of exclusions) unknown.add(type, path)
      return
    } catch (error) {
      if (!(error instanceof VimFaultError) || attempt === 100) throw error
      if (error.is('InvalidArgument') && !inlined && hasNamedTraversals(requestedSpecs)) inlined = true
      else if (
        !excludeCandidates(error, knownSpecs, exclusions) &&
        !recordMissing(error, requestedSpecs, missing)
      )
        throw error
    }
  }
}

/**
 * Returns which array items to decode: all except virtual devices of other types than these. A machine has a dozen devices, and
 * decoding all of them costs several times as much as its disks and controllers.
 * @public The benchmark uses it too.
 */
export const decodesDevices =
  (types: readonly string[]) =>
  (typeName: string): boolean =>
    !isSubtype(typeName, 'VirtualDevice') || types.some((type) => isSubtype(typeName, type))

interface RetrievedPage {
  /** Resolves when all objects of the page have been handled. */
  done: Promise<unknown>
  next?: RetrievedPage
  /** Identifies the first object and its properties; undefined if the page is empty. */
  first?: string
}

/**
 * Makes one retrieval with all its pages. The token precedes the objects of its page, so the next page is requested while the
 * current one is still being read. At most one page is requested in advance.
 */
async function retrieveOnce(
  login: Login,
  specSet: readonly PropertyFilterSpec[],
  deviceTypes: readonly string[],
  callOptions: CallOptions,
  onObject: (object: ObjectContent) => void,
): Promise<void> {
  const collector = login.content.propertyCollector
  const requested = pathsOf(specSet)
  const decodeOptions = {
    shouldDecode: decodesDevices(deviceTypes),
    isRequested: (path: string) => requested.has(path),
  }
  let lastToken: string | undefined
  let objects = 0
  const fetchPage = (
    call: (streaming: StreamingOptions) => Promise<unknown>,
    after?: Promise<unknown>,
  ): RetrievedPage => {
    const onToken = (token: unknown) => {
      if (page.next) throw new SoapError('a page of a retrieval has two tokens')
      lastToken = token as string
      const args = { token: lastToken }
      page.next = fetchPage(
        (streaming) => login.call('ContinueRetrievePropertiesEx', collector, args, callOptions, streaming),
        page.done,
      )
    }
    const items = new Map<string, (item: unknown) => void>([
      [
        'objects',
        (object) => {
          page.first ??= keyOf(object as ObjectContent)
          objects += 1
          onObject(object as ObjectContent)
        },
      ],
      ['token', onToken],
    ])
    const page: RetrievedPage = { done: call({ handlers: items, decodeOptions, after }) }
    // Each page is awaited in order below. This prevents an unhandled rejection before that.
    page.done.catch(() => {})
    return page
  }
  const first = fetchPage((streaming) =>
    login.call(
      'RetrievePropertiesEx',
      collector,
      { specSet, options: { maxObjects } },
      callOptions,
      streaming,
    ),
  )
  try {
    const guard = new PageGuard('a retrieval', specSet.length)
    for (let page: RetrievedPage | undefined = first; page; page = page.next) {
      await page.done
      if (page.next) guard.record(page.first)
    }
    login.recordRetrieval(objects)
  } catch (error) {
    // The server keeps the remaining pages until they are read or cancelled. Cancel them in the background.
    if (lastToken !== undefined && !(error instanceof VimFaultError)) {
      const cleanUpOptions = { signal: AbortSignal.timeout(cleanUpTimeoutMs) }
      login
        .call('CancelRetrievePropertiesEx', collector, { token: lastToken }, cleanUpOptions)
        .catch(() => {})
    }
    throw error
  }
}

const keyOf = ({ obj, propSet = [] }: ObjectContent): string =>
  `${obj.type} ${obj.value} ${propSet.map(({ name }) => name).join()}`

const pathsOf = (specSet: readonly PropertyFilterSpec[]): ReadonlySet<string> =>
  new Set(specSet.flatMap(({ propSet = [] }) => propSet.flatMap(({ pathSet = [] }) => pathSet)))

/**
 * Returns the object with only its requested and set properties. From the second page on, vcsim lists unset properties too,
 * without a value, and a faulty server may list arbitrary or repeated properties.
 */
function withinRequest(object: ObjectContent, requested: ReadonlySet<string>): ObjectContent {
  const isSet = ({ name, val }: DataObject<'DynamicProperty'>) => val !== undefined && requested.has(name)
  const propSet = object.propSet?.every(isSet) === false ? object.propSet.filter(isSet) : object.propSet
  const missingSet = missingOf(object, requested)
  if (propSet === object.propSet && missingSet === object.missingSet) return object
  return { ...object, ...(propSet && { propSet }), ...(missingSet && { missingSet }) }
}

/** Returns at most one entry per requested missing property. An entry may name only the unreadable prefix of a path. */
function missingOf({ missingSet }: ObjectContent, requested: ReadonlySet<string>) {
  if (!missingSet || missingSet.length <= requested.size) return missingSet
  const byPath = new Map(missingSet.map((each) => [each.path, each]))
  const isNamed = (part: string) =>
    requested.has(part) || [...requested].some((path) => path.startsWith(`${part}.`))
  return [...byPath.values()].filter(({ path }) => isNamed(path))
}

// RetrievePropertiesEx itself needs no login: after the end of the session it returns every property as missing.
function throwIfUnauthenticated({ propSet, missingSet }: ObjectContent): void {
  if (propSet?.length || !missingSet?.length) return
  const reason = missingSet.find(({ fault }) => isFault(fault, 'NotAuthenticated'))
  if (reason) throw fromLocalizedFault(reason.fault)
}

/** Whether the object was deleted while it was collected. Its properties must then not be used. */
export function isRemoved({ obj, missingSet = [] }: ObjectContent): boolean {
  return missingSet.some(({ fault }) => {
    if (!isFault(fault, 'ManagedObjectNotFound')) return false
    const { obj: missingRef } = fault.fault as DataObject<'ManagedObjectNotFound'>
    return missingRef === undefined || isSameRef(missingRef, obj)
  })
}

const isFault = ({ fault }: DataObject<'LocalizedMethodFault'>, name: FaultName): boolean =>
  isSubtype(fault._typeName ?? 'MethodFault', name)

// A caller that polls a task learns here that it has ended, and then reads its effects. This increments the write version, so that
// such a read does not join an older retrieval.
function recordEndedTask({ obj, propSet = [] }: ObjectContent, login: Login): void {
  if (obj.type !== 'Task') return
  for (const { name, val } of propSet) {
    const state =
      name === 'info' ? (val as TaskInfo | undefined)?.state : name === 'info.state' ? val : undefined
    if (hasEnded({ state } as Pick<TaskInfo, 'state'>)) login.markTaskEnded(obj)
  }
}
