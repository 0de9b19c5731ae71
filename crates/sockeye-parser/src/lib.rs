//! Socket.IO packets, their JSON form, and the trait for other forms.
