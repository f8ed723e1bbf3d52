import { Component, type ReactNode, Suspense, useState } from 'react'
import { RelayEnvironmentProvider } from 'react-relay'
import { ErrorList } from './ErrorList.tsx'
import { environment } from './environment.ts'
import { useGatewayErrors } from './errors.ts'
import { MachineDetails } from './MachineDetails.tsx'
import { MachineTable } from './MachineTable.tsx'

export default function App() {
  const [selected, select] = useState<string>()
  return (
    <RelayEnvironmentProvider environment={environment}>
      <ErrorList errors={useGatewayErrors()} />
      <ErrorBoundary>
        <Suspense fallback="Loading…">
          <MachineTable onSelect={select} />
        </Suspense>
        <Suspense fallback="Loading…">{selected && <MachineDetails id={selected} />}</Suspense>
      </ErrorBoundary>
    </RelayEnvironmentProvider>
  )
}

// A response without data is an exception in Relay.
class ErrorBoundary extends Component<{ children: ReactNode }> {
  override state = { failed: false }
  static getDerivedStateFromError = () => ({ failed: true })
  override render = () =>
    this.state.failed ? <button onClick={() => location.reload()}>Reload</button> : this.props.children
}
