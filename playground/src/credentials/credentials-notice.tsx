// A notice above the response when the gateway has rejected the credentials, or they are missing.

import { useSyncExternalStore } from 'react'
import { enterCredentials } from './enter-credentials.ts'
import { credentialsStore } from './store.ts'

export function CredentialsNotice() {
  const { rejection } = useSyncExternalStore(credentialsStore.subscribe, credentialsStore.getState)
  if (rejection === undefined) return null
  return (
    <div className="pg-notice" role="alert">
      <span>Not authenticated: {rejection}.</span>
      <button type="button" className="pg-button" onClick={enterCredentials}>
        Enter credentials
      </button>
    </div>
  )
}
