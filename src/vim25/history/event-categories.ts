// Reads the categories of event classes: info, warning, error or user. They are static and large, so each login reads them once.

import { withSignal } from '../../concurrency/timing.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { retrieveProperties } from '../property-collector/property-collector.ts'
import { UnknownProperties } from '../property-collector/unknown-properties.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { Login } from '../session/login.ts'
import type { Session } from '../session/session.ts'
import { fromLocalizedFault } from '../vim-fault-error.ts'

const path = 'description.eventInfo'

/**
 * Returns the categories of event classes by their names; none if the server has no EventManager.
 *
 * @throws VimFaultError if they may not be read
 */
export const eventCategories = (
  session: Pick<Session, 'withLogin'>,
  callOptions: CallOptions,
): Promise<ReadonlyMap<string, string>> =>
  session.withLogin(
    // The call has no abort signal, because concurrent callers share it.
    (login) =>
      withSignal(
        login.memoize(path, () => readCategories(login, callOptions)),
        callOptions.signal,
      ),
    callOptions,
  )

async function readCategories(login: Login, { onCall }: CallOptions): Promise<ReadonlyMap<string, string>> {
  const { eventManager } = login.content
  const categories = new Map<string, string>()
  if (!eventManager) return categories
  const specSet = [
    {
      propSet: [{ type: 'EventManager', pathSet: [path] }],
      objectSet: [{ obj: eventManager, skip: false }],
      reportMissingObjectsInResults: true,
    },
  ]
  await retrieveProperties(login, specSet, new UnknownProperties(), { onCall }, (object) => {
    const [missing] = object.missingSet ?? []
    if (missing) throw fromLocalizedFault(missing.fault)
    for (const { val } of object.propSet ?? [])
      for (const { key, category } of val as readonly DataObject<'EventDescriptionEventDetail'>[])
        categories.set(key, category)
  })
  return categories
}
