// RetrievePropertiesEx done whole: continuations drained, dead references left out, unknown properties dropped and
// remembered, an ended session told as NotAuthenticated in whichever shape it shows. What to ask, planner/ says; who asks the same
// meanwhile shares it (single-flight.ts).

import { SoapError } from '../../soap/soap-error.ts'
import {
  type DataObject,
  type FaultName,
  isSubtype,
  type ManagedObjectReference,
} from '../../soap/vim-types.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { Login } from '../session/login.ts'
import type { StreamingOptions } from '../session/soap-client.ts'
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
 * The most objects in one page. The next page is asked for as soon as one begins to arrive, so that more pages cost little,
 * and neither side holds more than two; docs/performance.md has what was measured.
 */
const maxObjects = 1_000

export type PropertyFilterSpec = DataObject<'PropertyFilterSpec'>
export type ObjectContent = DataObject<'ObjectContent'>

/**
 * Retrieves all that the specs select, and hands over each object as it arrives: once or several times, what is unset
 * not in it. When it fails, what was handed over is not the whole.
 */
export async function retrieveProperties(
  login: Login,
  specSet: readonly PropertyFilterSpec[],
  unknown: UnknownProperties,
  callOptions: CallOptions,
  onObject: (object: ObjectContent) => void,
): Promise<void> {
  // Each turn takes away at least one path or one dead object; the bound is for servers that go on naming others.
  const exclusions: ExcludedPath[] = []
  const missing: ManagedObjectReference[] = []
  let inlined = false
  for (let attempt = 1; ; attempt += 1) {
    const knownSpecs = unknown.without(specSet)
    const sharedSpecs = withoutMissing(withoutExcluded(knownSpecs, exclusions), missing)
    const requestedSpecs = inlined ? inlineTraversals(sharedSpecs) : sharedSpecs
    // All that was asked for is gone.
    if (requestedSpecs.length === 0) return
    const requested = pathsOf(requestedSpecs)
    try {
      const onKnownObject = (object: ObjectContent) => {
        recordUnknown(object, unknown)
        onObject(object)
      }
      await shareRetrieval(login, requestedSpecs, callOptions, onKnownObject, (sharedSpecs, onSharedObject) =>
        retrieveOnce(login, requestedSpecs, sharedSpecs, (arrived) => {
          throwIfUnauthenticated(arrived)
          const object = withinRequest(arrived, requested)
          recordEndedTask(object, login)
          onSharedObject(object)
        }),
      )
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
 * Of a virtual machine's devices its disks and their controllers are read; the dozen others cost more than they.
 * @public The bench decodes by it too.
 */
export const shouldDecode = (typeName: string): boolean =>
  !isSubtype(typeName, 'VirtualDevice') ||
  isSubtype(typeName, 'VirtualDisk') ||
  isSubtype(typeName, 'VirtualController')

interface RetrievedPage {
  /** Resolves when its objects have been taken. */
  done: Promise<unknown>
  next?: RetrievedPage
  /** Identifies the first object and the properties it came with; undefined if the page is empty. */
  first?: string
}

/**
 * One retrieval with its continuations. The token comes before the objects of its page, so the next page is asked for
 * while this one is still being read; at most one is under way beside it.
 */
async function retrieveOnce(
  login: Login,
  specSet: readonly PropertyFilterSpec[],
  callOptions: CallOptions,
  onObject: (object: ObjectContent) => void,
): Promise<void> {
  const collector = login.content.propertyCollector
  const requested = pathsOf(specSet)
  const decodeOptions = { shouldDecode, isRequested: (path: string) => requested.has(path) }
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
    // Each is awaited in its turn; a failure before that is told by the page in front.
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
    // The rest of the answer waits on the server until someone takes or drops it. Nobody here waits for that.
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
 * The object with what was requested of it: vcsim names what is unset too on the pages that follow the first, without a
 * value, and a server in trouble may name anything, or the same again and again.
 */
function withinRequest(object: ObjectContent, requested: ReadonlySet<string>): ObjectContent {
  const isSet = ({ name, val }: DataObject<'DynamicProperty'>) => val !== undefined && requested.has(name)
  const propSet = object.propSet?.every(isSet) === false ? object.propSet.filter(isSet) : object.propSet
  const missingSet = missingOf(object, requested)
  if (propSet === object.propSet && missingSet === object.missingSet) return object
  return { ...object, ...(propSet && { propSet }), ...(missingSet && { missingSet }) }
}

/** One reason for each property that is missing. A server may name the part of a path that cannot be read. */
function missingOf({ missingSet }: ObjectContent, requested: ReadonlySet<string>) {
  if (!missingSet || missingSet.length <= requested.size) return missingSet
  const byPath = new Map(missingSet.map((each) => [each.path, each]))
  const isNamed = (part: string) =>
    requested.has(part) || [...requested].some((path) => path.startsWith(`${part}.`))
  return [...byPath.values()].filter(({ path }) => isNamed(path))
}

// RetrievePropertiesEx itself needs no login: after the session's end it answers with every property missing.
function throwIfUnauthenticated({ propSet, missingSet }: ObjectContent): void {
  if (propSet?.length || !missingSet?.length) return
  const reason = missingSet.find(({ fault }) => isFault(fault, 'NotAuthenticated'))
  if (reason) throw fromLocalizedFault(reason.fault)
}

/** Whether an object went away while it was collected: what is told of it is not of an object that is there. */
export function isRemoved({ obj, missingSet = [] }: ObjectContent): boolean {
  return missingSet.some(({ fault }) => {
    if (!isFault(fault, 'ManagedObjectNotFound')) return false
    const { obj: missingRef } = fault.fault as DataObject<'ManagedObjectNotFound'>
    return missingRef === undefined || isSameRef(missingRef, obj)
  })
}

const isFault = ({ fault }: DataObject<'LocalizedMethodFault'>, name: FaultName): boolean =>
  isSubtype(fault._typeName ?? 'MethodFault', name)

// Whoever polls a task knows from here that it has ended, and reads next what it did.
function recordEndedTask({ obj, propSet = [] }: ObjectContent, login: Login): void {
  if (obj.type !== 'Task') return
  for (const { name, val } of propSet) {
    const state =
      name === 'info' ? (val as TaskInfo | undefined)?.state : name === 'info.state' ? val : undefined
    if (hasEnded({ state } as Pick<TaskInfo, 'state'>)) login.markTaskEnded(obj)
  }
}
