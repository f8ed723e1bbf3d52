// Properties as XML text, kept for as long as they cannot have changed: ten thousand virtual machines with their devices
// are a concatenation of what is here.

import { encodeElement, typed } from '../../../soap/codec.ts'
import type { SimulatedInventory, SimulatedObject } from '../../simulated-inventory.ts'
import { VimFault } from '../../vim-fault.ts'
import { localizedFault } from '../fault-text.ts'
import { type PropertyPath, readPath } from './property-path.ts'

interface KeptText {
  readonly value: unknown
  readonly text: string
  revision: number
  readAt: number
}

/** How long a derived property that nothing has changed may be told as it was read: clocks run on without a change. */
const derivedForMs = 1000

// What their properties derive from, sessions and what belongs to them, is not in the world and raises no revision.
const changesUnseen: ReadonlySet<string> = new Set([
  'ServiceInstance',
  'SessionManager',
  'ViewManager',
  'PropertyCollector',
])

const propSetStart = '<propSet>'
const propSetEnd = '</propSet>'

export interface DeniedProperty {
  readonly property: string
  readonly privilegeId: string
}

export class PropertyTexts {
  readonly #objects: SimulatedInventory
  readonly #kept = new WeakMap<SimulatedObject, Map<PropertyPath, KeptText>>()
  readonly #denied = new Map<string, DeniedProperty[]>()

  constructor(objects: SimulatedInventory) {
    this.#objects = objects
    objects.on('changed', (object, property) => {
      const cached = this.#kept.get(object)
      if (cached) for (const path of cached.keys()) if (path.property === property) cached.delete(path)
    })
  }

  /** `<propSet>...</propSet>`, a `<missingSet>...</missingSet>` for what may not be read, or nothing for what is unset. */
  read(object: SimulatedObject, path: PropertyPath): string {
    if (this.#denied.size > 0) {
      const denied = this.#denied.get(object.moid)?.find((each) => each.property === path.property)
      if (denied) {
        const { privilegeId } = denied
        return missingText(
          path.text,
          new VimFault({ _typeName: 'NoPermission', object: object.ref, privilegeId }),
        )
      }
    }
    let cached = this.#kept.get(object)
    const known = cached?.get(path)
    const derived = object.isDerived(path.property)
    const { revision } = this.#objects
    const now = derived ? this.#objects.clock.now().getTime() : 0
    const fresh = derived
      ? known?.revision === revision && now - known.readAt < derivedForMs && !changesUnseen.has(object.type)
      : true
    if (known && fresh) return known.text

    const value = readPath(object, path)
    if (known && Object.is(known.value, value)) {
      known.revision = revision
      known.readAt = now
      return known.text
    }
    const text =
      value === undefined
        ? ''
        : `${propSetStart}${path.nameElement}${encodeValue('val', path.expression, value)}${propSetEnd}`
    if (!path.keyed) {
      if (!cached) {
        cached = new Map()
        this.#kept.set(object, cached)
      }
      cached.set(path, { value, text, revision, readAt: now })
    }
    return text
  }

  /** Has reads of a property, and of all below it, answered with NoPermission; gives what takes that back. */
  deny(moid: string, denied: DeniedProperty): () => void {
    this.#denied.set(moid, [...(this.#denied.get(moid) ?? []), denied])
    return () => {
      const others = this.#denied.get(moid)?.filter((each) => each !== denied) ?? []
      if (others.length > 0) this.#denied.set(moid, others)
      else this.#denied.delete(moid)
    }
  }

  isDenied(object: SimulatedObject, property: string): boolean {
    return this.#denied.get(object.moid)?.some((each) => each.property === property) ?? false
  }
}

/** A property's value as an element that says its own type. */
export const encodeValue = (name: string, expression: string, value: unknown): string =>
  encodeElement(name, /^anyType\??$/.test(expression) ? value : typed(expression, value), 'anyType')

/** The `<val>` out of what `read` gave for a property that is set. */
export const valueOfText = (path: PropertyPath, text: string): string =>
  text.slice(propSetStart.length + path.nameElement.length, -propSetEnd.length)

export const isMissingText = (text: string): boolean => text.startsWith('<missingSet>')

export const missingText = (path: string, fault: VimFault): string =>
  encodeElement('missingSet', { path, fault: localizedFault(fault.detail, fault.message) }, 'MissingProperty')
