// State of a property filter: what was reported to its client and what has changed since. The last step can
// be undone: a client that lost a reply sends its previous version again.

import { encodeElement } from '../../../soap/codec.ts'
import { fieldsOf, isDataObject } from '../../../soap/type-registry.ts'
import type { ManagedObjectReference } from '../../../soap/vim-types.ts'
import type { SimulatedObject } from '../../simulated-inventory.ts'
import { VimFault } from '../../vim-fault.ts'
import { localizedFault } from '../fault-message.ts'
import type { FilterSpec } from './filter-spec.ts'
import { type PropertyPath, readPath } from './property-path.ts'
import { encodeValue, isMissingSet, type PropertyXmlCache, valElementOf } from './property-xml-cache.ts'
import { select } from './selection.ts'
import type { Viewer } from './session-values.ts'
import { differenceTest } from './unreported.ts'

/** An object as last reported: the encoded XML of each path. */
interface ReportedState {
  readonly paths: readonly PropertyPath[]
  readonly encoded: readonly string[]
  /** The values too if partialUpdates is set, to report nested changes by their own paths. */
  readonly values: readonly unknown[]
}

/** A pending ObjectUpdate. It counts as reported once applied. */
export interface PendingUpdate {
  readonly xml: string
  apply(): void
}

export class FilterState {
  readonly ref: ManagedObjectReference
  readonly #spec: FilterSpec
  readonly #partialUpdates: boolean
  #reported = new Map<SimulatedObject, ReportedState>()
  #reportedMissing = new Set<string>()
  #undo = new Map<SimulatedObject, ReportedState | undefined>()
  #undoMissing: ReadonlySet<string> = new Set()

  constructor(ref: ManagedObjectReference, spec: FilterSpec, partialUpdates: boolean) {
    this.ref = ref
    this.#spec = spec
    this.#partialUpdates = partialUpdates
  }

  hasReported(object: SimulatedObject): boolean {
    return this.#reported.has(object)
  }

  /** Forgets everything reported to the client. */
  reset(): void {
    this.#reported = new Map()
    this.#reportedMissing = new Set()
    this.commit()
  }

  /** Confirms that the client has received everything reported so far. */
  commit(): void {
    this.#undo = new Map()
    this.#undoMissing = new Set(this.#reportedMissing)
  }

  /** Undoes what was reported since the last commit, because the client has not received it. */
  rollBack(): void {
    for (const [object, reported] of this.#undo) {
      if (reported) this.#reported.set(object, reported)
      else this.#reported.delete(object)
    }
    this.#reportedMissing = new Set(this.#undoMissing)
    this.#undo = new Map()
  }

  /**
   * Yields the differences between the current state and the reported one.
   * @param isReplayed adds the reported state and then the change again after each change.
   */
  *pendingUpdates(viewer: Viewer, xmlCache: PropertyXmlCache, isReplayed = false): Generator<PendingUpdate> {
    const { objects } = select([this.#spec], viewer, xmlCache, { mayBeRemoved: true })
    for (const object of [...this.#reported.keys()]) {
      if (!objects.has(object))
        yield this.#update(object, undefined, objectUpdateXml('leave', object, '', ''))
    }
    for (const [object, paths] of objects) {
      const reported = this.#reported.get(object)
      const now = paths.map((path) => xmlCache.read(object, path, viewer))
      if (reported && !hasChanged(object, reported, now)) continue
      const values = this.#partialUpdates ? paths.map((path) => readPath(object, path)) : []
      const next = { paths, encoded: now, values }
      const change = reported ? modifyUpdateXml(object, reported, next) : enterUpdateXml(object, next)
      const replay = reported && isReplayed ? modifyUpdateXml(object, next, reported) + change : ''
      yield this.#update(object, next, change + replay)
    }
  }

  /** Returns the missingSet of start objects that do not exist, each reported once. */
  takeMissing(viewer: Viewer, xmlCache: PropertyXmlCache): string {
    const { missing } = select([this.#spec], viewer, xmlCache, { mayBeRemoved: true })
    let xml = ''
    for (const ref of missing) {
      if (this.#reportedMissing.has(ref.value)) continue
      this.#reportedMissing.add(ref.value)
      const { detail } = new VimFault({ _typeName: 'ManagedObjectNotFound', obj: ref })
      xml += encodeElement('missingSet', { obj: ref, fault: localizedFault(detail) }, 'MissingObject')
    }
    return xml
  }

  #update(object: SimulatedObject, next: ReportedState | undefined, xml: string): PendingUpdate {
    return {
      xml,
      apply: () => {
        if (!this.#undo.has(object)) this.#undo.set(object, this.#reported.get(object))
        if (next) this.#reported.set(object, next)
        else this.#reported.delete(object)
      },
    }
  }
}

/** Whether a property has changed whose changes are reported. */
const hasChanged = (
  object: SimulatedObject,
  { paths, encoded }: ReportedState,
  now: readonly string[],
): boolean =>
  encoded.some(
    (xml, index) =>
      xml !== now[index] && differenceTest(object.type, paths[index]?.text ?? '')(xml, now[index] ?? ''),
  )

const objectUpdateXml = (kind: string, object: SimulatedObject, changes: string, missing: string): string =>
  `<objectSet><kind>${kind}</kind>${encodeElement('obj', object.ref, 'ManagedObjectReference')}${changes}${missing}</objectSet>`

const assignXml = (nameElement: string, val: string): string =>
  `<changeSet>${nameElement}<op>assign</op>${val}</changeSet>`

function enterUpdateXml(object: SimulatedObject, { paths, encoded }: ReportedState): string {
  let changes = ''
  let missing = ''
  paths.forEach((path, index) => {
    const xml = encoded[index] ?? ''
    if (isMissingSet(xml)) missing += xml
    else if (xml !== '') changes += assignXml(path.nameElement, valElementOf(path, xml))
  })
  return objectUpdateXml('enter', object, changes, missing)
}

function modifyUpdateXml(object: SimulatedObject, reported: ReportedState, next: ReportedState): string {
  let changes = ''
  let missing = ''
  next.paths.forEach((path, index) => {
    const xml = next.encoded[index] ?? ''
    if (xml === reported.encoded[index]) return
    if (isMissingSet(xml)) missing += xml
    else if (xml === '') changes += assignXml(path.nameElement, '')
    else {
      const nested = [
        ...nestedChanges(path.text, path.expression, reported.values[index], next.values[index]),
      ].join('')
      changes += nested === '' ? assignXml(path.nameElement, valElementOf(path, xml)) : nested
    }
  })
  return objectUpdateXml('modify', object, changes, missing)
}

/** With partialUpdates: yields the changed fields of a data object, each with its own path. */
function* nestedChanges(
  path: string,
  expression: string,
  reported: unknown,
  next: unknown,
): Generator<string> {
  if (!isDataObject(expression.replace(/\?$/, '')) || !isObject(reported) || !isObject(next)) return
  const type = next._typeName ?? expression.replace(/\?$/, '')
  if ((reported._typeName ?? type) !== type) return
  for (const field of fieldsOf(String(type))?.values() ?? []) {
    const [before, after] = [reported[field.name], next[field.name]]
    if (Object.is(before, after)) continue
    const name = `${path}.${field.name}`
    const nested = field.repeated ? [] : [...nestedChanges(name, field.type, before, after)]
    if (nested.length > 0) yield* nested
    else {
      const fieldExpression = field.repeated ? `${field.type}*` : field.type
      const [xmlBefore, xmlAfter] = [before, after].map((value) =>
        value === undefined ? '' : encodeValue('val', fieldExpression, value),
      )
      if (xmlBefore !== xmlAfter) yield assignXml(`<name>${name}</name>`, xmlAfter ?? '')
    }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
