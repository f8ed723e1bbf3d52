// GraphiQL with the panels and the result view of this project.

import { explorerPlugin } from '@graphiql/plugin-explorer'
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql'
import { fetcher } from './execution/recording-fetcher.ts'
import { ResultPanel } from './results/result-panel.tsx'

const plugins = [explorerPlugin(), HISTORY_PLUGIN]

export function Playground() {
  return (
    <GraphiQL fetcher={fetcher} plugins={plugins} isHeadersEditorEnabled={false} shouldPersistHeaders={false}>
      <GraphiQL.Footer>
        <ResultPanel />
      </GraphiQL.Footer>
    </GraphiQL>
  )
}
