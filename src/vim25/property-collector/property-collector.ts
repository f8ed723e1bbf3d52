// RetrievePropertiesEx done whole: continuations drained, dead references left out, unknown properties dropped and
// remembered, an ended session told as NotAuthenticated in whichever shape it shows. What to ask, planner/ says; who asks the same
// meanwhile shares it (single-flight.ts).

import { SoapError } from '../../soap/soap-error.ts'
import { type DataObject, type FaultName, isSubtype, type ManagedObjectReference } from '../../soap/vim-types.ts'
import type { CallScope } from '../session/call-options.ts'
import { isSame, namesShared, noteDead, spelledOut, withoutDead } from './missing-objects.ts'
import type { Login } from '../session/login.ts'
import { PageGuard } from './page-guard.ts'
import { shareRetrieval } from './single-flight.ts'
import type { Arriving } from '../session/soap-client.ts'
import { hasEnded, type TaskInfo } from '../tasks/task-watcher.ts'
import {
  noteUnknown,
  type Suspect,
  suspect,
  type UnknownProperties,
  withoutSuspects,
} from './unknown-properties.ts'
import { fromLocalizedFault, VimFaultError } from '../vim-fault-error.ts'

const cleanUpMs = 5_000

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
  scope: CallScope,
  take: (object: ObjectContent) => void,
): Promise<void> {
  // Each turn takes away at least one path or one dead object; the bound is for servers that go on naming others.
  const suspects: Suspect[] = []
  const dead: ManagedObjectReference[] = []
  let spellOut = false
  for (let turn = 1; ; turn += 1) {
    const known = unknown.without(specSet)
    const shared = withoutDead(withoutSuspects(known, suspects), dead)
    const asked = spellOut ? spelledOut(shared) : shared
    // All that was asked for is gone.
    if (asked.length === 0) return
    const requested = pathsOf(asked)
    try {
      const takeKnown = (object: ObjectContent) => {
        noteUnknown(object, unknown)
        take(object)
      }
      await shareRetrieval(login, asked, scope, takeKnown, (shared, takeShared) =>
        retrieveOnce(login, asked, shared, (arrived) => {
          throwIfUnauthenticated(arrived)
          const object = withinRequest(arrived, requested)
          noteEndedTask(object, login)
          takeShared(object)
        }),
      )
      for (const { type, path } of suspects) unknown.add(type, path)
      return
    } catch (error) {
      if (!(error instanceof VimFaultError) || turn === 100) throw error
      if (error.is('InvalidArgument') && !spellOut && namesShared(asked)) spellOut = true
      else if (!suspect(error, known, suspects) && !noteDead(error, asked, dead)) throw error
    }
  }
}

/**
 * Of a virtual machine's devices its disks and their controllers are read; the dozen others cost more than they.
 * @public The bench decodes by it too.
 */
export const isRead = (typeName: string): boolean =>
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
  scope: CallScope,
  take: (object: ObjectContent) => void,
): Promise<void> {
  const collector = login.content.propertyCollector
  const requested = pathsOf(specSet)
  const reading = { isRead, isRequested: (path: string) => requested.has(path) }
  let lastToken: string | undefined
  let objects = 0
  const begin = (call: (arriving: Arriving) => Promise<unknown>, after?: Promise<unknown>): RetrievedPage => {
    const takeToken = (token: unknown) => {
      if (page.next) throw new SoapError('a page of a retrieval has two tokens')
      lastToken = token as string
      const args = { token: lastToken }
      page.next = begin(
        (arriving) => login.call('ContinueRetrievePropertiesEx', collector, args, scope, arriving),
        page.done,
      )
    }
    const items = new Map<string, (item: unknown) => void>([
      [
        'objects',
        (object) => {
          page.first ??= keyOf(object as ObjectContent)
          objects += 1
          take(object as ObjectContent)
        },
      ],
      ['token', takeToken],
    ])
    const page: RetrievedPage = { done: call({ take: items, reading, after }) }
    // Each is awaited in its turn; a failure before that is told by the page in front.
    page.done.catch(() => {})
    return page
  }
  const first = begin((arriving) =>
    login.call('RetrievePropertiesEx', collector, { specSet, options: { maxObjects } }, scope, arriving),
  )
  try {
    const guard = new PageGuard('a retrieval', specSet.length)
    for (let page: RetrievedPage | undefined = first; page; page = page.next) {
      await page.done
      if (page.next) guard.note(page.first)
    }
    login.noteRetrieval(objects)
  } catch (error) {
    // The rest of the answer waits on the server until someone takes or drops it. Nobody here waits for that.
    if (lastToken !== undefined && !(error instanceof VimFaultError)) {
      const brief = { signal: AbortSignal.timeout(cleanUpMs) }
      login.call('CancelRetrievePropertiesEx', collector, { token: lastToken }, brief).catch(() => {})
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
export function hasVanished({ obj, missingSet = [] }: ObjectContent): boolean {
  return missingSet.some(({ fault }) => {
    if (!isFault(fault, 'ManagedObjectNotFound')) return false
    const { obj: gone } = fault.fault as DataObject<'ManagedObjectNotFound'>
    return gone === undefined || isSame(gone, obj)
  })
}

const isFault = ({ fault }: DataObject<'LocalizedMethodFault'>, name: FaultName): boolean =>
  isSubtype(fault._typeName ?? 'MethodFault', name)

// Whoever polls a task knows from here that it has ended, and reads next what it did.
function noteEndedTask({ obj, propSet = [] }: ObjectContent, login: Login): void {
  if (obj.type !== 'Task') return
  for (const { name, val } of propSet) {
    const state =
      name === 'info' ? (val as TaskInfo | undefined)?.state : name === 'info.state' ? val : undefined
    if (hasEnded({ state } as Pick<TaskInfo, 'state'>)) login.noteEnd(obj)
  }
}
