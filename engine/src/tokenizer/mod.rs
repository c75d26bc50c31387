//! Text ⇄ tokens, and chats as text.
