// RetrievePropertiesEx and related methods: one-time reads, in pages.

import { randomUUID } from 'node:crypto'
import { encodeElement } from '../../../soap/codec.ts'
import type { DataObject } from '../../../soap/vim-types.ts'
import type { SimulatedObject } from '../../simulated-inventory.ts'
import { VimFault } from '../../vim-fault.ts'
import {
  EncodedReturnval,
  invalidArgument,
  notAuthenticated,
  type ServiceCall,
  type ServiceMethodTable,
} from '../service-method.ts'
import { compileFilterSpec } from './filter-spec.ts'
import { compilePath, type PropertyPath, readPath } from './property-path.ts'
import { encodeValue, missingSetXml, type PropertyXmlCache } from './property-xml-cache.ts'
import { select } from './selection.ts'
import { sessionValueOf } from './session-values.ts'
import { visibleValue } from './visible-alarms.ts'

export interface RetrievalSettings {
  /** Maximum number of objects in one reply, even if the client allows more; undefined means no limit. */
  readonly pageSize: number | undefined
  /** How RetrieveProperties(Ex) rejects clients that are not logged in. */
  readonly unauthenticated: 'missingSet' | 'fault'
  /** How a later page reports an object that was removed since. */
  readonly removedObjects: 'omitted' | 'missingSet'
}

type Caller = Pick<ServiceCall<'RetrievePropertiesEx'>, 'find' | 'self' | 'session'>
type Specs = readonly DataObject<'PropertyFilterSpec'>[] | undefined
type Entry = readonly [SimulatedObject, readonly PropertyPath[]]

interface OpenRetrieval {
  readonly entries: readonly Entry[]
  readonly maxObjects: number
  readonly at: number
}

/** Maximum number of unused tokens; the oldest ones are dropped first. */
const maxOpenRetrievals = 100

// Properties that a vCenter returns without a login: their privilege is System.Anonymous.
const anonymousProperties: Readonly<Record<string, readonly string[]>> = {
  ServiceInstance: ['content', 'capability'],
  SessionManager: ['currentSession', 'message', 'messageLocaleList', 'supportedLocaleList', 'defaultLocale'],
}

export function retrievalMethods(
  xmlCache: PropertyXmlCache,
  settings: RetrievalSettings,
): ServiceMethodTable {
  // By collector, so that a token is not valid for another collector or session.
  const open = new WeakMap<SimulatedObject, Map<string, OpenRetrieval>>()

  const objectXml = (element: string, [object, paths]: Entry, caller: Caller): string => {
    const removedFault = caller.find(object.ref) === object ? undefined : notFound(object)
    if (removedFault && settings.removedObjects === 'omitted') return ''
    let text = `<${element}>${encodeElement('obj', object.ref, 'ManagedObjectReference')}`
    let missing = ''
    for (const path of paths) {
      const property = removedFault
        ? missingSetXml(path.text, removedFault)
        : xmlCache.read(object, path, caller)
      // The schema requires all propSet elements before any missingSet element.
      if (property.startsWith('<m')) missing += property
      else text += property
    }
    return `${text}${missing}</${element}>`
  }

  const page = (caller: Caller, { entries, maxObjects, at }: OpenRetrieval) => {
    const end = Math.min(entries.length, at + maxObjects)
    let text = ''
    for (const entry of entries.slice(at, end)) text += objectXml('objects', entry, caller)
    if (end === entries.length) return new EncodedReturnval(`<returnval>${text}</returnval>`)
    const token = randomUUID()
    const tokens = open.get(caller.self) ?? new Map<string, OpenRetrieval>()
    open.set(caller.self, tokens)
    tokens.set(token, { entries, maxObjects, at: end })
    for (const oldest of tokens.keys()) {
      if (tokens.size <= maxOpenRetrievals) break
      tokens.delete(oldest)
    }
    return new EncodedReturnval(`<returnval><token>${token}</token>${text}</returnval>`)
  }

  const take = (caller: Caller, token: string): OpenRetrieval => {
    const tokens = open.get(caller.self)
    const retrieval = tokens?.get(token)
    if (!retrieval) throw invalidArgument('token')
    tokens?.delete(token)
    return retrieval
  }

  const retrieve = (caller: Caller, specSet: Specs): Entry[] => [
    ...select((specSet ?? []).map(compileFilterSpec), caller, xmlCache).objects,
  ]

  return {
    RetrievePropertiesEx(call) {
      const { specSet, options } = call.args
      const requestedMax = options?.maxObjects
      if (requestedMax !== undefined && !(requestedMax > 0)) throw invalidArgument('options.maxObjects')
      if (!call.connection.session)
        return new EncodedReturnval(retrieveAnonymously(call, specSet, settings, 'objects'))
      const entries = retrieve(call, specSet)
      if (entries.length === 0) return undefined
      const maxObjects = Math.min(
        requestedMax ?? Number.POSITIVE_INFINITY,
        settings.pageSize ?? Number.POSITIVE_INFINITY,
      )
      return page(call, { entries, maxObjects, at: 0 })
    },

    ContinueRetrievePropertiesEx: (call) => page(call, take(call, call.args.token)),

    CancelRetrievePropertiesEx(call) {
      take(call, call.args.token)
      return undefined
    },

    RetrieveProperties(call) {
      if (!call.connection.session) {
        return new EncodedReturnval(retrieveAnonymously(call, call.args.specSet, settings, 'returnval'))
      }
      let text = ''
      for (const entry of retrieve(call, call.args.specSet)) text += objectXml('returnval', entry, call)
      return new EncodedReturnval(text)
    },

    Fetch(call) {
      const { self } = call
      const path = compilePath(self.type, call.args.prop)
      if (!path) throw new VimFault({ _typeName: 'InvalidProperty', name: call.args.prop })
      if (!call.connection.session && !isAnonymous(self.type, path)) throw notAuthenticated(self.ref)
      const { access } = call.connection.session ?? {}
      const privilegeId = access && xmlCache.missingPrivilege(self, path.property, access)
      if (privilegeId !== undefined)
        throw new VimFault({ _typeName: 'NoPermission', object: self.ref, privilegeId })
      const visible = visibleValue(self, path, call.find)
      const sessionValue = access && sessionValueOf(path.property)?.(self, access)
      const value = visible ? visible.value : (sessionValue ?? readPath(self, path))
      return value === undefined
        ? undefined
        : new EncodedReturnval(encodeValue('returnval', path.expression, value))
    },
  }
}

const notFound = ({ ref }: SimulatedObject): VimFault =>
  new VimFault({ _typeName: 'ManagedObjectNotFound', obj: ref })

const isAnonymous = (type: string, path: PropertyPath): boolean =>
  anonymousProperties[type]?.includes(path.property) ?? false

/**
 * Handles a retrieval without a session. The call is allowed, but nearly no property is: the start objects
 * are returned with all requested paths, including those of their traversals, in missingSet.
 */
function retrieveAnonymously(
  caller: Caller,
  specSet: Specs,
  settings: RetrievalSettings,
  element: string,
): string {
  if (settings.unauthenticated === 'fault') throw notAuthenticated(caller.self.ref)
  let text = ''
  for (const each of specSet ?? []) {
    const spec = compileFilterSpec(each)
    for (const { ref, traversals } of spec.starts) {
      const object = caller.find(ref)
      const requestedPaths = [
        ...(spec.pathsOf(ref.type) ?? []),
        ...traversals.filter((each) => each.appliesTo(ref.type)).map((each) => each.path),
      ]
      let found = ''
      let missing = ''
      for (const path of new Set(requestedPaths)) {
        const value = object && isAnonymous(ref.type, path) ? readPath(object, path) : undefined
        if (value !== undefined)
          found += `<propSet>${path.nameElement}${encodeValue('val', path.expression, value)}</propSet>`
        else if (!isAnonymous(ref.type, path)) missing += missingSetXml(path.text, notAuthenticated(ref))
      }
      text += `<${element}>${encodeElement('obj', ref, 'ManagedObjectReference')}${found}${missing}</${element}>`
    }
  }
  if (element === 'returnval' || text === '') return text
  return `<returnval>${text}</returnval>`
}
