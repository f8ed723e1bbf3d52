// Reads the inventory with the property collector: compiles the targets of a retrieval into the specs of one
// RetrievePropertiesEx call.

import { getContainerView } from '../../vim25/property-collector/container-views.ts'
import { isRemoved, retrieveProperties } from '../../vim25/property-collector/property-collector.ts'
import type { ObjectContent } from '../../vim25/property-collector/retrieval-types.ts'
import type { UnknownProperties } from '../../vim25/property-collector/unknown-properties.ts'
import type { CallOptions } from '../../vim25/session/call-options.ts'
import type { Session } from '../../vim25/session/session.ts'
import type { InventorySource, ObjectHandler, RetrievalTarget } from '../inventory-source.ts'
import { type CompileTarget, compile } from './compile.ts'

/** @param unknownProperties the properties that the server does not know; shared by all retrievals of the session */
export function createPropertyCollectorSource(
  session: Session,
  unknownProperties: UnknownProperties,
): InventorySource {
  return {
    get writeVersion() {
      return session.writeVersion
    },
    get rootFolder() {
      return session.lastLogin?.content.rootFolder
    },
    get customFieldsManager() {
      return session.lastLogin?.content.customFieldsManager
    },
    retrieve<T>(targets: readonly RetrievalTarget[], callOptions: CallOptions, onObject: ObjectHandler<T>) {
      // Starts again from here if the session ended halfway.
      return session.withLogin(async (login) => {
        const found = new Set<T>()
        const deleted = new Set<T>()
        const compileTargets = await Promise.all(
          targets.map(
            async ({ refs, node, known }): Promise<CompileTarget> =>
              refs
                ? { refs, node, known }
                : { view: await getContainerView(login, node.type, callOptions), node },
          ),
        )
        const { specSet, deviceTypes, requestedPaths } = compile(compileTargets)
        const onContent = (content: ObjectContent) => {
          const object = onObject(content, requestedPaths(content.obj.type))
          if (isRemoved(content)) deleted.add(object)
          else found.add(object)
        }
        await retrieveProperties(login, specSet, unknownProperties, callOptions, onContent, deviceTypes)
        for (const object of deleted) found.delete(object)
        return { found, deleted }
      }, callOptions)
    },
  }
}
