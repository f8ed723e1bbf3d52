// Renders a value by the best view of it.

import { useResultServices } from './result-context.ts'
import { LeafView } from './values/leaf.tsx'
import { bestView, type ViewProps } from './view.ts'

export function ValueView({ value, label, context }: ViewProps) {
  const { views } = useResultServices()
  const View = bestView(views, value, context)?.component
  return View ? <View value={value} label={label} context={context} /> : <LeafView value={value} />
}
