// The categories of event classes: info, warning, error or user.

import type { DataObject } from '../../soap/vim-types.ts'
import { type DescriptionList, managerDescriptions } from '../property-collector/manager-descriptions.ts'
import type { CallOptions } from '../session/call-options.ts'
import type { Session } from '../session/session.ts'

const categories: DescriptionList<DataObject<'EventDescriptionEventDetail'>> = {
  manager: 'eventManager',
  path: 'description.eventInfo',
  read: ({ category }) => category,
}

/**
 * Returns the categories of event classes by their names; none if the server has no EventManager.
 *
 * @throws VimFaultError if they may not be read
 */
export const eventCategories = (
  session: Pick<Session, 'withLogin'>,
  callOptions: CallOptions,
): Promise<ReadonlyMap<string, string>> => managerDescriptions(session, categories, callOptions)
