// Opens a panel beside the editors.

import type { GraphiQLPlugin } from '@graphiql/react'

/**
 * Opens a panel, unless it is open. It presses the button of the sidebar: GraphiQL's action setVisiblePlugin does not give a panel
 * its width again after the user has closed one.
 */
export function showPanel({ title }: GraphiQLPlugin): void {
  document.querySelector<HTMLElement>(`.graphiql-sidebar button[aria-label="Show ${title}"]`)?.click()
}
