"""What a desktop does for programs, for a test: it shows notifications, and is kept from falling
asleep. Both only note what they are asked."""
import threading

from gi.repository import Gio, GLib

INTERFACES = """<node>
  <interface name="org.freedesktop.Notifications">
    <method name="GetCapabilities"><arg type="as" direction="out"/></method>
    <method name="GetServerInformation">
      <arg type="s" direction="out"/><arg type="s" direction="out"/>
      <arg type="s" direction="out"/><arg type="s" direction="out"/>
    </method>
    <method name="Notify">
      <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
      <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
      <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/>
      <arg type="u" direction="out"/>
    </method>
    <method name="CloseNotification"><arg type="u" direction="in"/></method>
  </interface>
  <interface name="org.gnome.SessionManager">
    <method name="RegisterClient">
      <arg type="s" direction="in"/><arg type="s" direction="in"/>
      <arg type="o" direction="out"/>
    </method>
    <method name="UnregisterClient"><arg type="o" direction="in"/></method>
    <method name="Inhibit">
      <arg type="s" direction="in"/><arg type="u" direction="in"/>
      <arg type="s" direction="in"/><arg type="u" direction="in"/>
      <arg type="u" direction="out"/>
    </method>
    <method name="Uninhibit"><arg type="u" direction="in"/></method>
  </interface>
</node>"""
PLACES = {
    "org.freedesktop.Notifications": "/org/freedesktop/Notifications",
    "org.gnome.SessionManager": "/org/gnome/SessionManager",
}


class Desktop:
    """In a thread of its own, until end ()."""

    def __init__(self):
        self.notifications = []  # (title, words)
        self.inhibitions = []  # (reason, flags), those of the past too
        self.n_inhibited = 0
        self.context = GLib.MainContext()
        self.loop = GLib.MainLoop(self.context)
        is_ready = threading.Event()
        self.thread = threading.Thread(target=self.serve, args=(is_ready,))
        self.thread.start()
        is_ready.wait()

    def serve(self, is_ready):
        self.context.push_thread_default()
        flags = Gio.DBusConnectionFlags
        connection = Gio.DBusConnection.new_for_address_sync(
            Gio.dbus_address_get_for_bus_sync(Gio.BusType.SESSION, None),
            flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION,
            None,
            None,
        )
        for interface in Gio.DBusNodeInfo.new_for_xml(INTERFACES).interfaces:
            connection.register_object(PLACES[interface.name], interface, self.answer, None, None)
            connection.call_sync(
                "org.freedesktop.DBus",
                "/org/freedesktop/DBus",
                "org.freedesktop.DBus",
                "RequestName",
                GLib.Variant("(su)", (interface.name, 0)),
                None,
                0,
                -1,
                None,
            )
        is_ready.set()
        self.loop.run()
        connection.close_sync(None)
        self.context.pop_thread_default()

    def answer(self, connection, sender, path, interface, method, arguments, invocation):
        values = arguments.unpack()
        reply = None
        if method == "GetCapabilities":
            reply = GLib.Variant("(as)", (["body"],))
        elif method == "GetServerInformation":
            reply = GLib.Variant("(ssss)", ("test", "test", "1", "1.2"))
        elif method == "Notify":
            self.notifications.append((values[3], values[4]))
            reply = GLib.Variant("(u)", (len(self.notifications),))
        elif method == "RegisterClient":
            reply = GLib.Variant("(o)", ("/org/gnome/SessionManager/Client1",))
        elif method == "Inhibit":
            self.inhibitions.append((values[2], values[3]))
            self.n_inhibited += 1
            reply = GLib.Variant("(u)", (len(self.inhibitions),))
        elif method == "Uninhibit":
            self.n_inhibited -= 1
        invocation.return_value(reply)

    def end(self):
        self.loop.quit()
        self.thread.join()
