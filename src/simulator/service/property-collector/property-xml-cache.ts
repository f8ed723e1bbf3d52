// Caches properties as XML until they can have changed, so that a reply for ten thousand virtual machines
// with their devices is a concatenation of cached strings.

import { encodeElement, typed } from '../../../soap/codec.ts'
import type { Access } from '../../authorization/access.ts'
import { privilegeOfProperty } from '../../authorization/property-privileges.ts'
import type { SimulatedInventory, SimulatedObject } from '../../simulated-inventory.ts'
import { VimFault } from '../../vim-fault.ts'
import { localizedFault } from '../fault-message.ts'
import { type PropertyPath, readPath } from './property-path.ts'
import { sessionValueOf, type Viewer } from './session-values.ts'
import { dependsOnAlarms, visibleValue } from './visible-alarms.ts'

interface CachedXml {
  readonly value: unknown
  readonly xml: string
  revision: number
  readAt: number
}

/**
 * How long the XML of a derived property is reused if the revision is unchanged: some properties change with
 * the clock.
 */
const derivedTtlMs = 1000

// Their properties derive from sessions and session objects, which are outside the inventory and do not
// change its revision.
const untrackedTypes: ReadonlySet<string> = new Set([
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

export class PropertyXmlCache {
  readonly #objects: SimulatedInventory
  readonly #cache = new WeakMap<SimulatedObject, Map<PropertyPath, CachedXml>>()
  readonly #denied = new Map<string, DeniedProperty[]>()

  constructor(objects: SimulatedInventory) {
    this.#objects = objects
    objects.on('changed', (object, property) => {
      const cached = this.#cache.get(object)
      if (cached) for (const path of cached.keys()) if (path.property === property) cached.delete(path)
    })
  }

  /**
   * Returns `<propSet>...</propSet>`, `<missingSet>...</missingSet>` if access is denied, or '' if the
   * property is unset.
   * @param find returns the objects that the client can see.
   */
  read(object: SimulatedObject, path: PropertyPath, { find, session: { access } }: Viewer): string {
    const privilegeId = this.missingPrivilege(object, path.property, access)
    if (privilegeId !== undefined) {
      const fault = new VimFault({ _typeName: 'NoPermission', object: object.ref, privilegeId })
      return missingSetXml(path.text, fault)
    }
    const sessionValue = sessionValueOf(path.property)
    if (sessionValue) return propSetXml(path, sessionValue(object, access))
    const visible = visibleValue(object, path, find)
    if (visible) return propSetXml(path, visible.value)
    let cached = this.#cache.get(object)
    const known = cached?.get(path)
    const derived = object.isDerived(path.property)
    const { revision } = this.#objects
    const now = derived ? this.#objects.clock.now().getTime() : 0
    const isFresh = derived
      ? known?.revision === revision &&
        now - known.readAt < derivedTtlMs &&
        !untrackedTypes.has(object.type) &&
        !dependsOnAlarms(path)
      : true
    if (known && isFresh) return known.xml

    const value = readPath(object, path)
    if (known && Object.is(known.value, value)) {
      known.revision = revision
      known.readAt = now
      return known.xml
    }
    const xml = propSetXml(path, value)
    if (!path.keyed) {
      if (!cached) {
        cached = new Map()
        this.#cache.set(object, cached)
      }
      cached.set(path, { value, xml, revision, readAt: now })
    }
    return xml
  }

  /**
   * Makes reads of a property, and of everything below it, return NoPermission.
   * @returns a function that undoes it.
   */
  deny(moid: string, denied: DeniedProperty): () => void {
    this.#denied.set(moid, [...(this.#denied.get(moid) ?? []), denied])
    return () => {
      const others = this.#denied.get(moid)?.filter((each) => each !== denied) ?? []
      if (others.length > 0) this.#denied.set(moid, others)
      else this.#denied.delete(moid)
    }
  }

  /** Returns the privilege that a user lacks to read a property; undefined if the user may read it. */
  missingPrivilege(object: SimulatedObject, property: string, access: Access): string | undefined {
    const denied = this.#denied.get(object.moid)?.find((each) => each.property === property)
    if (denied) return denied.privilegeId
    const privilege = privilegeOfProperty(object.type, property)
    return access.has(object.ref, privilege) ? undefined : privilege
  }
}

const propSetXml = (path: PropertyPath, value: unknown): string =>
  value === undefined
    ? ''
    : `${propSetStart}${path.nameElement}${encodeValue('val', path.expression, value)}${propSetEnd}`

/** Encodes a property's value as an element with its type. */
export const encodeValue = (name: string, expression: string, value: unknown): string =>
  encodeElement(name, /^anyType\??$/.test(expression) ? value : typed(expression, value), 'anyType')

/** Returns the `<val>` element from the result of `read` for a property that is set. */
export const valElementOf = (path: PropertyPath, xml: string): string =>
  xml.slice(propSetStart.length + path.nameElement.length, -propSetEnd.length)

export const isMissingSet = (xml: string): boolean => xml.startsWith('<missingSet>')

export const missingSetXml = (path: string, fault: VimFault): string =>
  encodeElement('missingSet', { path, fault: localizedFault(fault.detail, fault.message) }, 'MissingProperty')
