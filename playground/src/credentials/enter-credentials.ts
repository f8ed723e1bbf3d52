// Leads to the place where credentials are entered.

import { showPanel } from '../tabs/show-panel.ts'
import { credentialsPlugin } from './credentials-panel.tsx'

/** Opens the panel with the credentials, unless it is open, and moves the focus into it. */
export function enterCredentials(): void {
  showPanel(credentialsPlugin)
  // The panel is in the page after this event.
  setTimeout(() => document.querySelector<HTMLElement>('.pg-credentials .pg-input')?.focus())
}
