// The labels of operations, such as "Create virtual machine snapshot", in the language of the session.

import type { DataObject } from '../../soap/vim-types.ts'
import { type DescriptionList, managerDescriptions } from '../property-collector/manager-descriptions.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { Session } from '../session/session.ts'

const labels: DescriptionList<DataObject<'ElementDescription'>> = {
  manager: 'taskManager',
  path: 'description.methodInfo',
  read: ({ label }) => label,
}

/**
 * Returns the labels of operations by the descriptionId of their tasks; none if the server has no TaskManager.
 *
 * @throws VimFaultError if the labels may not be read
 */
export const operationLabels = (
  session: Pick<Session, 'withLogin'>,
  callOptions: CallOptions,
): Promise<ReadonlyMap<string, string>> => managerDescriptions(session, labels, callOptions)
