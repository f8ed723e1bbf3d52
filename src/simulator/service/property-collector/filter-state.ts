// What a property filter has told its client, and what has changed since. One step can be taken back: a client whose
// reply was lost asks again with the version that it has.

import { encodeElement } from '../../../soap/codec.ts'
import { fieldsOf, isDataObject, type ManagedObjectReference } from '../../../soap/vim-types.ts'
import { VimFault } from '../../vim-fault.ts'
import type { SimulatedObject } from '../../simulated-inventory.ts'
import { localizedFault } from '../fault-text.ts'
import type { FilterSpec } from './filter-spec.ts'
import { type PropertyPath, readPath } from './property-path.ts'
import { encodeValue, isMissingText, type PropertyTexts, valueOfText } from './property-text.ts'
import { type Find, select } from './selection.ts'

/** An object as the client knows it: the text of each path. */
interface Told {
  readonly paths: readonly PropertyPath[]
  readonly texts: readonly string[]
  /** The values too, where nested changes are told by their own paths. */
  readonly values: readonly unknown[]
}

/** One ObjectUpdate that is due; it counts as told once applied. */
export interface DueUpdate {
  readonly text: string
  apply(): void
}

export class FilterState {
  readonly ref: ManagedObjectReference
  readonly #spec: FilterSpec
  readonly #partialUpdates: boolean
  #told = new Map<SimulatedObject, Told>()
  #toldMissing = new Set<string>()
  #undo = new Map<SimulatedObject, Told | undefined>()
  #undoMissing: ReadonlySet<string> = new Set()

  constructor(ref: ManagedObjectReference, spec: FilterSpec, partialUpdates: boolean) {
    this.ref = ref
    this.#spec = spec
    this.#partialUpdates = partialUpdates
  }

  tells(object: SimulatedObject): boolean {
    return this.#told.has(object)
  }

  /** The client knows nothing any more. */
  reset(): void {
    this.#told = new Map()
    this.#toldMissing = new Set()
    this.commit()
  }

  /** The client has what it was told. */
  commit(): void {
    this.#undo = new Map()
    this.#undoMissing = new Set(this.#toldMissing)
  }

  /** The client does not have what was told since the last commit. */
  rollBack(): void {
    for (const [object, told] of this.#undo) {
      if (told) this.#told.set(object, told)
      else this.#told.delete(object)
    }
    this.#toldMissing = new Set(this.#undoMissing)
    this.#undo = new Map()
  }

  /** What differs now from what the client knows; with what it knows once more behind each change, and then the change again. */
  *due(find: Find, texts: PropertyTexts, isReplayed = false): Generator<DueUpdate> {
    const { objects } = select([this.#spec], find, texts, { mayBeGone: true })
    for (const object of [...this.#told.keys()]) {
      if (!objects.has(object))
        yield this.#update(object, undefined, objectUpdateText('leave', object, '', ''))
    }
    for (const [object, paths] of objects) {
      const told = this.#told.get(object)
      const now = paths.map((path) => texts.read(object, path))
      if (told?.texts.every((text, index) => text === now[index])) continue
      const values = this.#partialUpdates ? paths.map((path) => readPath(object, path)) : []
      const next = { paths, texts: now, values }
      const change = told ? modifyText(object, told, next) : enterText(object, next)
      const replay = told && isReplayed ? modifyText(object, next, told) + change : ''
      yield this.#update(object, next, change + replay)
    }
  }

  /** The missingSet of start objects that are not there, told once each. */
  takeMissing(find: Find, texts: PropertyTexts): string {
    const { missing } = select([this.#spec], find, texts, { mayBeGone: true })
    let text = ''
    for (const ref of missing) {
      if (this.#toldMissing.has(ref.value)) continue
      this.#toldMissing.add(ref.value)
      const { detail } = new VimFault({ _typeName: 'ManagedObjectNotFound', obj: ref })
      text += encodeElement('missingSet', { obj: ref, fault: localizedFault(detail) }, 'MissingObject')
    }
    return text
  }

  #update(object: SimulatedObject, next: Told | undefined, text: string): DueUpdate {
    return {
      text,
      apply: () => {
        if (!this.#undo.has(object)) this.#undo.set(object, this.#told.get(object))
        if (next) this.#told.set(object, next)
        else this.#told.delete(object)
      },
    }
  }
}

const objectUpdateText = (kind: string, object: SimulatedObject, changes: string, missing: string): string =>
  `<objectSet><kind>${kind}</kind>${encodeElement('obj', object.ref, 'ManagedObjectReference')}${changes}${missing}</objectSet>`

const assignText = (nameElement: string, val: string): string =>
  `<changeSet>${nameElement}<op>assign</op>${val}</changeSet>`

function enterText(object: SimulatedObject, { paths, texts }: Told): string {
  let changes = ''
  let missing = ''
  paths.forEach((path, index) => {
    const text = texts[index] ?? ''
    if (isMissingText(text)) missing += text
    else if (text !== '') changes += assignText(path.nameElement, valueOfText(path, text))
  })
  return objectUpdateText('enter', object, changes, missing)
}

function modifyText(object: SimulatedObject, told: Told, next: Told): string {
  let changes = ''
  let missing = ''
  next.paths.forEach((path, index) => {
    const text = next.texts[index] ?? ''
    if (text === told.texts[index]) return
    if (isMissingText(text)) missing += text
    else if (text === '') changes += assignText(path.nameElement, '')
    else {
      const nested = [
        ...nestedChanges(path.text, path.expression, told.values[index], next.values[index]),
      ].join('')
      changes += nested === '' ? assignText(path.nameElement, valueOfText(path, text)) : nested
    }
  })
  return objectUpdateText('modify', object, changes, missing)
}

/** With partialUpdates: the fields of a data object that differ, each under its own path. */
function* nestedChanges(path: string, expression: string, told: unknown, next: unknown): Generator<string> {
  if (!isDataObject(expression.replace(/\?$/, '')) || !isObject(told) || !isObject(next)) return
  const type = next._typeName ?? expression.replace(/\?$/, '')
  if ((told._typeName ?? type) !== type) return
  for (const field of fieldsOf(String(type))?.values() ?? []) {
    const [before, after] = [told[field.name], next[field.name]]
    if (Object.is(before, after)) continue
    const name = `${path}.${field.name}`
    const nested = field.repeated ? [] : [...nestedChanges(name, field.type, before, after)]
    if (nested.length > 0) yield* nested
    else {
      const fieldExpression = field.repeated ? `${field.type}*` : field.type
      const [textBefore, textAfter] = [before, after].map((value) =>
        value === undefined ? '' : encodeValue('val', fieldExpression, value),
      )
      if (textBefore !== textAfter) yield assignText(`<name>${name}</name>`, textAfter ?? '')
    }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
