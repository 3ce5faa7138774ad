import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useInitialFocus } from './hooks.ts';
import { CloseIcon } from './icons.tsx';

interface SidePanelProps {
  readonly id: string;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Beside the picture, or a sheet under it on phones. */
export function SidePanel({ id, title, onClose, children }: SidePanelProps): JSX.Element {
  const heading = useInitialFocus<HTMLHeadingElement>();
  useEffect(() => {
    const pressed = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') onClose();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [onClose]);
  return (
    <aside id={id} class="panel" aria-label={title}>
      <header class="panel-header">
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button type="button" class="bare" aria-label={`Close ${title.toLowerCase()}`} onClick={onClose}>
          <CloseIcon />
        </button>
      </header>
      <div class="panel-body">{children}</div>
    </aside>
  );
}
