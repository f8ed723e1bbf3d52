// Shows a notice in place of a view that fails, so that the other views and the JSON remain usable.

import { Component, type ReactNode } from 'react'

interface Props {
  readonly children: ReactNode
}

export class ViewErrorBoundary extends Component<Props, { readonly failure?: string }> {
  override state: { readonly failure?: string } = {}

  static getDerivedStateFromError(error: unknown): { readonly failure: string } {
    return { failure: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    if (this.state.failure === undefined) return this.props.children
    return (
      <p className="rv-notice" role="alert">
        This result cannot be shown as a view ({this.state.failure}). The tab JSON has it.
      </p>
    )
  }
}
