// Reads the descriptions that a manager of the vCenter has of operations or event classes. They are static and large, so each login
// reads them once.

import { withSignal } from '../../concurrency/timing.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { Login } from '../session/login.ts'
import type { Session } from '../session/session.ts'
import { fromLocalizedFault } from '../vim-fault-error.ts'
import { retrieveProperties } from './property-collector.ts'
import { UnknownProperties } from './unknown-properties.ts'

/** A list of descriptions in a property of a manager. */
export interface DescriptionList<T> {
  /** The property of ServiceContent that refers to the manager. */
  readonly manager: 'eventManager' | 'taskManager'
  readonly path: string
  readonly read: (description: T) => string
}

/**
 * Returns a text of each description by its key; none if the server does not have the manager.
 *
 * @throws VimFaultError if they may not be read
 */
export const managerDescriptions = <T extends { readonly key: string }>(
  session: Pick<Session, 'withLogin'>,
  list: DescriptionList<T>,
  callOptions: CallOptions,
): Promise<ReadonlyMap<string, string>> =>
  session.withLogin(
    // The call has no abort signal, because concurrent callers share it.
    (login) =>
      withSignal(
        login.memoize(list.path, () => readDescriptions(login, list, callOptions)),
        callOptions.signal,
      ),
    callOptions,
  )

async function readDescriptions<T extends { readonly key: string }>(
  login: Login,
  { manager, path, read }: DescriptionList<T>,
  { onCall }: CallOptions,
): Promise<ReadonlyMap<string, string>> {
  const obj = login.content[manager]
  const descriptions = new Map<string, string>()
  if (!obj) return descriptions
  const specSet = [
    {
      propSet: [{ type: obj.type, pathSet: [path] }],
      objectSet: [{ obj, skip: false }],
      reportMissingObjectsInResults: true,
    },
  ]
  await retrieveProperties(login, specSet, new UnknownProperties(), { onCall }, (object) => {
    const [missing] = object.missingSet ?? []
    if (missing) throw fromLocalizedFault(missing.fault)
    for (const { val } of object.propSet ?? [])
      for (const each of val as readonly T[]) descriptions.set(each.key, read(each))
  })
  return descriptions
}
