import { useMutation, useSubscription } from 'urql'
import { ErrorList } from './ErrorList.tsx'
import { errorsOf } from './errors.ts'
import { graphql } from './gql/index.ts'

// Without waiting: the subscription follows the task.
const CreateSnapshot = graphql(`
  mutation CreateSnapshot($id: ID!, $name: String!) {
    createSnapshot(input: { virtualMachine: { id: $id }, name: $name, waitSeconds: 0 }) {
      task { id state progress }
    }
  }
`)

const TaskProgress = graphql(`
  subscription TaskProgress($id: ID!) {
    task(id: $id) { id state progress error { code message remedy } }
  }
`)

export function SnapshotButton({ id }: { id: string }) {
  const [{ data, error, fetching }, createSnapshot] = useMutation(CreateSnapshot)
  const task = data?.createSnapshot?.task
  return (
    <>
      <button disabled={fetching} onClick={() => createSnapshot({ id, name: 'from my page' })}>
        Create snapshot
      </button>
      <ErrorList errors={errorsOf(error)} />
      {task && <Progress id={task.id} />}
    </>
  )
}

function Progress({ id }: { id: string }) {
  const [{ data, error }] = useSubscription({ query: TaskProgress, variables: { id } })
  const { state, progress, error: failure } = data?.task ?? {}
  return (
    <div role="status">
      {state} {progress ?? 0}% {failure?.message}
      <ErrorList errors={errorsOf(error)} />
    </div>
  )
}
