// The credentials of this page.

import { settings } from '../settings.ts'
import { type Credentials, CredentialsStore, hasCredentials, requestHeaders } from './credentials.ts'

export const credentialsStore = new CredentialsStore(sessionStorage)

/**
 * What every request to the gateway has in common. With the scheme Basic, the browser must not add credentials that it has
 * kept, and must not prompt for others when the gateway rejects ours.
 */
export function requestOptions(): RequestOptions {
  const sent = credentialsStore.getState().credentials
  return {
    headers: requestHeaders(sent, settings.scheme),
    credentials: settings.scheme === 'Basic' ? 'omit' : 'same-origin',
    sent,
  }
}

interface RequestOptions {
  readonly headers: Record<string, string>
  readonly credentials: RequestCredentials
  /** The credentials in the headers, for what the response says about them. */
  readonly sent: Credentials
}

/** Whether requests wait for credentials that the user has not entered yet. */
export const needsCredentials = (): boolean =>
  !hasCredentials(credentialsStore.getState().credentials, settings.scheme)
