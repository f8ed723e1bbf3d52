// The credentials of this page.

import { settings } from '../settings.ts'
import { CredentialsStore, hasCredentials, requestHeaders } from './credentials.ts'

export const credentialsStore = new CredentialsStore(sessionStorage)

/**
 * What every request to the gateway has in common. With the scheme Basic, the browser must not add credentials that it has
 * kept, and must not prompt for others when the gateway rejects ours.
 */
export function requestOptions(): { headers: Record<string, string>; credentials: RequestCredentials } {
  return {
    headers: requestHeaders(credentialsStore.getState().credentials, settings.scheme),
    credentials: settings.scheme === 'Basic' ? 'omit' : 'same-origin',
  }
}

/** Whether requests wait for credentials that the user has not entered yet. */
export const needsCredentials = (): boolean =>
  !hasCredentials(credentialsStore.getState().credentials, settings.scheme)
