// Reads the labels of operations, such as "Create virtual machine snapshot", in the language of the session. They are static and large,
// so each login reads them once.

import { withSignal } from '../../concurrency/timing.ts'
import type { DataObject } from '../../soap/vim-types.ts'
import { retrieveProperties } from '../property-collector/property-collector.ts'
import { UnknownProperties } from '../property-collector/unknown-properties.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { Login } from '../session/login.ts'
import type { Session } from '../session/session.ts'
import { fromLocalizedFault } from '../vim-fault-error.ts'

const path = 'description.methodInfo'

/**
 * Returns the labels of operations by the descriptionId of their tasks; none if the server has no TaskManager.
 *
 * @throws VimFaultError if the labels may not be read
 */
export const operationLabels = (
  session: Pick<Session, 'withLogin'>,
  callOptions: CallOptions,
): Promise<ReadonlyMap<string, string>> =>
  session.withLogin(
    // The call has no abort signal, because concurrent callers share it.
    (login) =>
      withSignal(
        login.memoize(path, () => readLabels(login, callOptions)),
        callOptions.signal,
      ),
    callOptions,
  )

async function readLabels(login: Login, { onCall }: CallOptions): Promise<ReadonlyMap<string, string>> {
  const { taskManager } = login.content
  const labels = new Map<string, string>()
  if (!taskManager) return labels
  const specSet = [
    {
      propSet: [{ type: 'TaskManager', pathSet: [path] }],
      objectSet: [{ obj: taskManager, skip: false }],
      reportMissingObjectsInResults: true,
    },
  ]
  await retrieveProperties(login, specSet, new UnknownProperties(), { onCall }, (object) => {
    const [missing] = object.missingSet ?? []
    if (missing) throw fromLocalizedFault(missing.fault)
    for (const { val } of object.propSet ?? [])
      for (const { key, label } of val as readonly DataObject<'ElementDescription'>[]) labels.set(key, label)
  })
  return labels
}
