// Update methods of PropertyCollector and PropertyFilter.

import type { FaultInjection } from '../../fault-injection.ts'
import type { SimulatedInventory, SimulatedObject } from '../../simulated-inventory.ts'
import { VimFault } from '../../vim-fault.ts'
import { propertyCollector } from '../service-content.ts'
import {
  EncodedReturnval,
  invalidArgument,
  notAuthenticated,
  type ServiceCall,
  type ServiceMethodTable,
} from '../service-method.ts'
import { Collector } from './collector.ts'
import { compileFilterSpec } from './filter-spec.ts'
import { FilterState } from './filter-state.ts'
import type { PropertyXmlCache } from './property-xml-cache.ts'
import { select } from './selection.ts'

/** Maximum number of object updates in one reply of a vCenter, even if the client allows more. */
const maxObjectUpdates = 100

/** The collectors behind the PropertyCollector objects of all sessions. */
export class CollectorRegistry {
  readonly #objects: SimulatedInventory
  readonly #xmlCache: PropertyXmlCache
  readonly #faults: Pick<FaultInjection, 'updates'>
  readonly #collectors = new WeakMap<SimulatedObject, Collector>()
  readonly #ownerOfFilter = new WeakMap<SimulatedObject, SimulatedObject>()
  waits = 0

  constructor(
    objects: SimulatedInventory,
    xmlCache: PropertyXmlCache,
    faults: Pick<FaultInjection, 'updates'>,
  ) {
    this.#objects = objects
    this.#xmlCache = xmlCache
    this.#faults = faults
  }

  get xmlCache(): PropertyXmlCache {
    return this.#xmlCache
  }

  of(object: SimulatedObject): Collector {
    let collector = this.#collectors.get(object)
    if (!collector) {
      collector = new Collector(this.#objects, this.#xmlCache, this.#faults)
      this.#collectors.set(object, collector)
    }
    return collector
  }

  addFilter(owner: SimulatedObject, filter: SimulatedObject, state: FilterState): void {
    this.#ownerOfFilter.set(filter, owner)
    const { filters } = this.of(owner)
    filters.set(filter.moid, state)
    owner.set(
      'filter',
      [...filters.values()].map(({ ref }) => ref),
    )
    this.of(owner).checkSoon()
  }

  removeFilter(filter: SimulatedObject): void {
    const owner = this.#ownerOfFilter.get(filter)
    if (!owner) return
    const collector = this.of(owner)
    collector.filters.delete(filter.moid)
    owner.set(
      'filter',
      [...collector.filters.values()].map(({ ref }) => ref),
    )
    collector.cancelWait()
  }
}

type WaitCall = Pick<ServiceCall<'WaitForUpdates'>, 'self' | 'session' | 'find' | 'signal'>

export function updateMethods(registry: CollectorRegistry): ServiceMethodTable {
  const wait = async (call: WaitCall, version = '', maxWaitMs?: number, maxUpdates = maxObjectUpdates) => {
    const collector = registry.of(call.self)
    const { ended } = call.session
    const onEnd = () => collector.cancelWait(notAuthenticated(call.self.ref))
    ended.addEventListener('abort', onEnd)
    registry.waits += 1
    try {
      const text = await collector.wait({
        version,
        maxWaitMs,
        maxObjectUpdates: Math.min(maxUpdates, maxObjectUpdates),
        viewer: call,
        signal: call.signal,
      })
      return text === undefined ? undefined : new EncodedReturnval(`<returnval>${text}</returnval>`)
    } finally {
      registry.waits -= 1
      ended.removeEventListener('abort', onEnd)
    }
  }

  return {
    CreatePropertyCollector: ({ session, objects }) =>
      session.create(objects, 'PropertyCollector', { filter: [] }).ref,

    DestroyPropertyCollector({ self, session, find }) {
      if (self.moid === propertyCollector.value) throw new VimFault({ _typeName: 'NotSupported' })
      const collector = registry.of(self)
      collector.cancelWait()
      for (const { ref } of collector.filters.values()) {
        const filter = find(ref)
        if (filter) session.remove(filter)
      }
      collector.filters.clear()
      session.remove(self)
      return undefined
    },

    CreateFilter(call) {
      const {
        self,
        args: { spec, partialUpdates },
        session,
        objects,
      } = call
      const compiled = compileFilterSpec(spec)
      // Missing start objects are rejected now, as in a retrieval; later removals are reported as updates.
      select([compiled], call, registry.xmlCache)
      const filter = session.create(objects, 'PropertyFilter', { spec, partialUpdates })
      registry.addFilter(self, filter, new FilterState(filter.ref, compiled, partialUpdates))
      return filter.ref
    },

    DestroyPropertyFilter({ self, session }) {
      session.remove(self)
      registry.removeFilter(self)
      return undefined
    },

    WaitForUpdatesEx(call) {
      const { version, options } = call.args
      const { maxWaitSeconds, maxObjectUpdates: maxUpdates } = options ?? {}
      if (maxWaitSeconds !== undefined && maxWaitSeconds < 0) throw invalidArgument('options.maxWaitSeconds')
      if (maxUpdates !== undefined && maxUpdates < 1) throw invalidArgument('options.maxObjectUpdates')
      return wait(call, version, maxWaitSeconds === undefined ? undefined : maxWaitSeconds * 1000, maxUpdates)
    },

    WaitForUpdates: (call) => wait(call, call.args.version) as Promise<EncodedReturnval>,

    CheckForUpdates: (call) => wait(call, call.args.version, 0),

    CancelWaitForUpdates({ self }) {
      registry.of(self).cancelWait()
      return undefined
    },
  }
}
