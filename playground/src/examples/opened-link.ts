// The link that opened the page, read once.

import { settings } from '../settings.ts'
import { linkTarget } from './link.ts'

export const openedLink = linkTarget(location.search, settings.examples)

/** Whether the page was opened by a link that names an operation. */
export const isOpenedByLink = openedLink !== undefined
