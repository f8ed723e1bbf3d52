// The vCenters behind the gateway, with their state.

import { useEffect, useState, useSyncExternalStore } from 'react'
import { credentialsStore, needsCredentials } from '../credentials/store.ts'
import { postOperation } from '../execution/post-operation.ts'
import { settings } from '../settings.ts'

interface VCenter {
  readonly id: string
  readonly name: string
  readonly fullName: string | null
  readonly connected: boolean
  readonly error: { readonly message: string } | null
}

type Answer = { readonly vcenters: readonly VCenter[] } | { readonly problem: string }

const query = 'query ConnectedVCenters { vcenters { id name fullName connected error { message } } }'

async function readVCenters(signal: AbortSignal): Promise<Answer> {
  try {
    const { result } = await postOperation({ query }, signal)
    const vcenters = result.data?.vcenters
    if (Array.isArray(vcenters)) return { vcenters }
    return { problem: result.errors?.[0]?.message ?? 'The gateway sent no data.' }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

export function VCenterList({ onEnterCredentials }: { onEnterCredentials(): void }) {
  const { credentials } = useSyncExternalStore(credentialsStore.subscribe, credentialsStore.getState)
  const [answer, setAnswer] = useState<Answer>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: reads them again with other credentials
  useEffect(() => {
    if (needsCredentials()) return
    const abort = new AbortController()
    void readVCenters(abort.signal).then((next) => {
      if (!abort.signal.aborted) setAnswer(next)
    })
    return () => {
      abort.abort()
      setAnswer(undefined)
    }
  }, [credentials])
  if (needsCredentials() || (answer && 'problem' in answer && settings.scheme))
    return (
      <p>
        {answer && 'problem' in answer ? `${answer.problem}. ` : 'This gateway needs credentials. '}
        <button type="button" className="pg-button" onClick={onEnterCredentials}>
          Enter credentials
        </button>
      </p>
    )
  if (!answer) return <p role="status">Reading the connected vCenters…</p>
  if ('problem' in answer) return <p role="alert">{answer.problem}</p>
  return (
    <ul className="pg-vcenters" aria-label="Connected vCenters">
      {answer.vcenters.map((vcenter) => (
        <li key={vcenter.id}>
          <strong>{vcenter.name}</strong>
          {settings.isSimulator && <span className="pg-kind">simulator</span>}
          <span>{vcenter.fullName}</span>
          <span className={vcenter.connected ? 'pg-reachable' : 'pg-unreachable'}>
            {vcenter.connected ? 'reachable' : `not reachable: ${vcenter.error?.message ?? 'unknown reason'}`}
          </span>
        </li>
      ))}
    </ul>
  )
}
