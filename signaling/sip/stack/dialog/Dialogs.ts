import type { SipMessage } from '../message/index.ts';
import type { Flow } from '../transport/contract.ts';
import type { Application } from './contract.ts';
import { Dialog } from './Dialog.ts';
import type { DialogStart } from './dialogStart.ts';

/** Every dialog that is early or confirmed, by the application's id and by its tags. */
export class Dialogs {
  readonly #byId = new Map<string, Dialog>();
  readonly #byTags = new Map<string, Dialog>();

  get count(): number {
    return this.#byTags.size;
  }

  /** The id that the application knows a dialog by. */
  static idOf(callId: string, fromTag: string): string {
    return `${callId};from-tag=${fromTag}`;
  }

  create(start: DialogStart): Dialog {
    const dialog = new Dialog(this.#freeId(start), start);
    this.#byTags.set(tagsKey(dialog.callId, dialog.localTag, dialog.remoteTag), dialog);
    this.current(dialog);
    return dialog;
  }

  /** Forks share one id: this one is meant from now on. */
  current(dialog: Dialog): void {
    this.#byId.set(dialog.id, dialog);
  }

  byId(id: string): Dialog | undefined {
    return this.#byId.get(id);
  }

  /** The dialog that a message of the peer belongs to. */
  of(message: SipMessage): Dialog | undefined {
    const localTag = message.to.parameters.get('tag');
    if (localTag === undefined) return undefined;
    return this.#byTags.get(tagsKey(message.callId, localTag, message.from.parameters.get('tag') ?? ''));
  }

  ofOwner(owner: Application): Dialog[] {
    return [...this.#byTags.values()].filter((dialog) => dialog.owner === owner);
  }

  onFlow(flow: Flow): Dialog[] {
    return [...this.#byTags.values()].filter((dialog) => dialog.flow === flow);
  }

  all(): Dialog[] {
    return [...this.#byTags.values()];
  }

  /** Forgets it and stops its timers; the peer is not told. */
  remove(dialog: Dialog): void {
    dialog.state = 'ended';
    dialog.answer?.close();
    dialog.sessionTimer?.close();
    dialog.reliable?.close();
    this.#byTags.delete(tagsKey(dialog.callId, dialog.localTag, dialog.remoteTag));
    if (this.#byId.get(dialog.id) === dialog) this.#byId.delete(dialog.id);
  }

  /** A call that comes back to us through a proxy has both of its ends here: the second one needs another id. */
  #freeId(start: DialogStart): string {
    const id = Dialogs.idOf(start.callId, start.fromTag);
    const other = this.#byId.get(id);
    return other === undefined || other.role === start.role ? id : `${id};${start.role}`;
  }
}

function tagsKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId}|${localTag}|${remoteTag}`;
}
